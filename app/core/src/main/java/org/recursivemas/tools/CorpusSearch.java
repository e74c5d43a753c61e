package org.recursivemas.tools;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the text of a corpus that fits a query best, by BM25 (k1 = 1.2, b = 0.75) over words of letters and digits, large and
 * small letters alike. Of equally good texts the first is found.
 */
public final class CorpusSearch implements Tool {
    private static final double K1 = 1.2;
    private static final double B = 0.75;

    private final String name;
    private final List<String> documents;
    /** How often each word occurs, by text. */
    private final List<Map<String, Integer>> counts = new ArrayList<>();
    /** In how many texts a word occurs. */
    private final Map<String, Integer> spread = new HashMap<>();
    private final int[] lengths;
    private final double meanLength;

    /**
     * @param name of the tags
     * @param documents at least one text
     */
    public CorpusSearch(String name, List<String> documents) {
        if (documents.isEmpty()) {
            throw new IllegalArgumentException("the corpus of tool \"" + name + "\" is empty");
        }
        this.name = name;
        this.documents = List.copyOf(documents);
        lengths = new int[documents.size()];
        long all = 0;
        for (int i = 0; i < lengths.length; i++) {
            List<String> words = words(documents.get(i));
            Map<String, Integer> count = new HashMap<>();
            words.forEach(word -> count.merge(word, 1, Integer::sum));
            new HashSet<>(words).forEach(word -> spread.merge(word, 1, Integer::sum));
            counts.add(count);
            lengths[i] = words.size();
            all += words.size();
        }
        meanLength = Math.max(1, all) / (double) lengths.length;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String run(String input) {
        Set<String> query = new LinkedHashSet<>(words(input));
        int best = -1;
        double bestScore = 0;
        for (int i = 0; i < lengths.length; i++) {
            double score = score(query, i);
            if (score > bestScore) {
                best = i;
                bestScore = score;
            }
        }
        if (best < 0) {
            throw new ToolException("nothing found");
        }
        return documents.get(best);
    }

    private double score(Set<String> query, int document) {
        double score = 0;
        for (String word : query) {
            int count = counts.get(document).getOrDefault(word, 0);
            if (count > 0) {
                int texts = spread.get(word);
                double rare = Math.log(1 + (lengths.length - texts + 0.5) / (texts + 0.5));
                score += rare * count * (K1 + 1) / (count + K1 * (1 - B + B * lengths[document] / meanLength));
            }
        }
        return score;
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ' ';
            if (Character.isLetterOrDigit(c)) {
                word.append(Character.toLowerCase(c));
            } else if (word.length() > 0) {
                words.add(word.toString());
                word.setLength(0);
            }
        }
        return words;
    }
}
