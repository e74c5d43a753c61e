package org.recursivemas.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.recursivemas.data.CorpusFile;
import org.recursivemas.data.ToolSpec;
import org.recursivemas.engine.RunControl;

/** The tools of a team: finds calls in a text and runs them. */
public final class ToolBox {
    /** Most calls in one text. */
    public static final int MOST_CALLS = 5;
    /** Most characters of a result where a tool says nothing else. */
    public static final int RESULT_CHARS = 200;
    /** A tool that looks through a corpus. */
    public static final String SEARCH = "search";
    /** A tool that works out sums. */
    public static final String CALCULATOR = "calculator";
    /** Name of the tags around results; no tool can have it. */
    public static final String RESULT = "result";
    /** No tools. */
    public static final ToolBox NONE = new ToolBox(null);

    private final Map<String, Tool> tools = new LinkedHashMap<>();
    private final Map<String, Integer> lengths = new LinkedHashMap<>();
    /** Where searches look, by name of the tool: the path of a corpus, or the address of a wiki. */
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final WikiSearch.Wiki wiki;

    private ToolBox(WikiSearch.Wiki wiki) {
        this.wiki = wiki;
    }

    /** A call that stands in a text. */
    public static final class Call {
        private final Tool tool;
        private final String input;
        private final int end;

        Call(Tool tool, String input, int end) {
            this.tool = tool;
            this.input = input;
            this.end = end;
        }

        public Tool tool() {
            return tool;
        }

        /** What stands between the tags, without surrounding blanks. */
        public String input() {
            return input;
        }

        /** Index behind the closing tag. */
        public int end() {
            return end;
        }
    }

    /**
     * The tools of a checked team file.
     *
     * @param corpora reads a corpus by the path in the team file; may wait
     * @param wiki asks wikis; null where the web is out of reach
     */
    public static ToolBox of(List<ToolSpec> specs, Function<String, CorpusFile> corpora, WikiSearch.Wiki wiki) {
        ToolBox box = new ToolBox(wiki);
        for (ToolSpec spec : specs) {
            box.add(spec.kind.equals(SEARCH) ? new CorpusSearch(spec.name, corpora.apply(spec.corpus).documents)
                    : new Calculator(spec.name), spec.resultChars == 0 ? RESULT_CHARS : spec.resultChars, spec.corpus);
        }
        return box;
    }

    /**
     * These tools, with searches that ask a wiki instead of looking through their corpus.
     *
     * @param api as {@link WikiAddress#api} gives it
     * @throws IllegalArgumentException for people, when none of the tools searches, or the web is out of reach
     */
    public ToolBox searching(String api) {
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("the team has no search tool, so " + WikiAddress.server(api)
                    + " cannot be asked. Add one to the team file or leave search out");
        }
        if (wiki == null) {
            throw new IllegalArgumentException("wikis can be asked in a browser only. Leave search out");
        }
        ToolBox box = new ToolBox(wiki);
        for (Tool tool : tools.values()) {
            int chars = lengths.get(tool.name());
            if (sources.containsKey(tool.name())) {
                box.add(new WikiSearch(tool.name(), api, chars, wiki), chars, api);
            } else {
                box.add(tool, chars, null);
            }
        }
        return box;
    }

    /** Where a tool looks: the path of a corpus or the address of a wiki; null for a tool that looks nowhere. */
    public String source(Tool tool) {
        return sources.get(tool.name());
    }

    /** Tools whose results have at most {@code resultChars} characters. */
    public static ToolBox of(int resultChars, Tool... tools) {
        ToolBox box = new ToolBox(null);
        for (Tool tool : tools) {
            box.add(tool, resultChars, null);
        }
        return box;
    }

    private void add(Tool tool, int resultChars, String source) {
        tools.put(tool.name(), tool);
        lengths.put(tool.name(), resultChars);
        if (source != null) {
            sources.put(tool.name(), source);
        }
    }

    public boolean isEmpty() {
        return tools.isEmpty();
    }

    /** Names of the tools, in order. */
    public List<String> names() {
        return new ArrayList<>(tools.keySet());
    }

    /** The first complete call in {@code text}, or null. */
    public Call firstCall(String text) {
        Call first = null;
        int start = text.length();
        for (Tool tool : tools.values()) {
            int open = text.indexOf(tool.openTag());
            int close = open < 0 ? -1 : text.indexOf(tool.closeTag(), open);
            if (close >= 0 && open < start) {
                start = open;
                first = new Call(tool, text.substring(open + tool.openTag().length(), close).trim(),
                        close + tool.closeTag().length());
            }
        }
        return first;
    }

    /**
     * Runs a call.
     *
     * @param control stops what waits
     * @return the result, cut to the tool's longest length
     * @throws ToolException when the tool has none, or one that would close its own tags
     */
    public String run(Call call, RunControl control) {
        String result = call.tool().run(call.input(), control).trim();
        if (result.contains("</" + RESULT + ">")) {
            throw new ToolException("the result holds the tag that would end it");
        }
        return cut(result, lengths.get(call.tool().name()));
    }

    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end);
    }

    /** A result as it stands in the text. */
    public static String tagged(String result) {
        return "<" + RESULT + ">" + result + "</" + RESULT + ">";
    }
}
