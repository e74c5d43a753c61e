package org.recursivemas.toy;

import java.util.ArrayList;
import java.util.List;

/** One token per character, one for the pair "ab" (so that cutting a text changes its tokens), and control tokens. */
public final class ToyTokenizer {
    /** The token of the pair "ab". */
    public static final int PAIR = 300;
    /** Ends a reply. */
    public static final int END = 312;

    private static final String[] CONTROL = {"<|start|>", "<|middle|>", "<|end|>", "<pad>"};
    private static final int FIRST_CONTROL = 310;

    private ToyTokenizer() {
    }

    public static int[] tokenize(String text) {
        List<Integer> ids = new ArrayList<>();
        int i = 0;
        while (i < text.length()) {
            int control = controlAt(text, i);
            if (control >= 0) {
                ids.add(FIRST_CONTROL + control);
                i += CONTROL[control].length();
            } else if (text.startsWith("ab", i)) {
                ids.add(PAIR);
                i += 2;
            } else {
                ids.add(text.charAt(i) & 0xff);
                i++;
            }
        }
        int[] result = new int[ids.size()];
        for (int k = 0; k < result.length; k++) {
            result[k] = ids.get(k);
        }
        return result;
    }

    private static int controlAt(String text, int at) {
        for (int c = 0; c < CONTROL.length; c++) {
            if (text.startsWith(CONTROL[c], at)) {
                return c;
            }
        }
        return -1;
    }

    public static String detokenize(int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            if (id == PAIR) {
                text.append("ab");
            } else if (id < FIRST_CONTROL) {
                text.append((char) id);
            }
        }
        return text.toString();
    }
}
