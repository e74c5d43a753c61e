package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.recursivemas.data.FormatException;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Mode;
import org.recursivemas.tools.WikiAddress;

/**
 * Problem, settings, changed prompts and swapped links, as an address carries them in its fragment, e.g.
 * {@code #share=1&rounds=2&steps=16&temperature=0&seed=7&ways=latent,text&problem=Tom+has+12+marbles}. The team is in the
 * link's query ({@code ?team=ADDRESS}), where the page's policy reads it.
 *
 * @param problem may be empty
 * @param expected null when it is not known
 * @param rounds 1 to 5
 * @param latentSteps 0 to 80
 * @param temperature 0 to 2
 * @param ways chosen modes
 * @param systems system messages that replace the team's, by agent id
 * @param topP above 0, at most 1
 * @param answers 1 to 16
 * @param retrieval messages that a hand-off brings, 1 to 8; 0 for the newest alone
 * @param stopEarly mean cosine from which a latent run ends before its last round, 0.5 to 1; 0 for never
 * @param search API address of the wiki that was asked, as {@link WikiAddress#api} gives it; null for the team's corpus. Who opens
 *     the link still has to choose it
 * @param links what stands in links' places, as {@link org.recursivemas.playground.RunRequest#withLinks} takes it
 */
public record SharedSetup(String problem, String expected, int rounds, int latentSteps, double temperature, int seed,
        List<String> ways, Map<String, String> systems, Map<String, String> links, double topP, int answers,
        int retrieval, double stopEarly, String search) {
    /** The version that is written and read. */
    public static final int VERSION = 1;
    /** Longest fragment that is written or read, in characters: what browsers and messengers carry. */
    public static final int MAX_LENGTH = 16_000;
    private static final double LEAST_TOP_P = 0.001;
    private static final double LEAST_STOP_EARLY = 0.5;
    private static final String PREFIX = "share=";
    private static final String SYSTEM = "system.";
    private static final String LINK = "link.";
    private static final String PLACE = "the shared link";
    private static final String REMEDY = "Ask for the link again, and take care that it is copied as a whole";
    private static final String HEX = "0123456789ABCDEF";

    public SharedSetup {
        ways = List.copyOf(ways);
        systems = new LinkedHashMap<>(systems);
        links = new LinkedHashMap<>(links);
    }

    /** Whether a page's fragment, with or without its #, is meant for {@link #read}. */
    public static boolean isShared(String fragment) {
        return fragment.startsWith("#" + PREFIX) || fragment.startsWith(PREFIX);
    }

    /**
     * The fragment, with its #.
     *
     * @throws IllegalArgumentException for people, when it would be too long
     */
    public String write() {
        StringBuilder text = new StringBuilder("#").append(PREFIX).append(VERSION);
        text.append("&rounds=").append(rounds).append("&steps=").append(latentSteps);
        text.append("&temperature=").append(plain(temperature)).append("&seed=").append(seed);
        if (topP != RunRequest.TOP_P) {
            text.append("&top_p=").append(plain(topP));
        }
        if (answers != 1) {
            text.append("&answers=").append(answers);
        }
        if (retrieval != 0) {
            text.append("&retrieval=").append(retrieval);
        }
        if (stopEarly != 0) {
            text.append("&stop_early=").append(plain(stopEarly));
        }
        text.append("&ways=").append(String.join(",", ways));
        add(text, "problem", problem);
        if (expected != null) {
            add(text, "expected", expected);
        }
        if (search != null) {
            add(text, "search", search);
        }
        systems.forEach((agent, system) -> add(text, SYSTEM + encode(agent), system));
        links.forEach((link, swap) -> add(text, LINK + encode(link), swap));
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("The link would have " + text.length() + " characters; at most " + MAX_LENGTH
                    + " travel safely. Shorten the problem or the changed prompts, or export the report instead.");
        }
        return text.toString();
    }

    /** At most three decimals: 0.7, not 0.70000000001; 0, not 0.0. */
    private static String plain(double value) {
        double rounded = Math.round(value * 1000) / 1000.0;
        return rounded == Math.rint(rounded) ? Integer.toString((int) rounded) : Double.toString(rounded);
    }

    private static void add(StringBuilder text, String name, String value) {
        text.append('&').append(name).append('=').append(encode(value));
    }

    /** Letters, digits, - . _ ~ and a few marks as they are, blanks as +, the rest as %XX of UTF-8. */
    private static String encode(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length();) {
            int point = value.codePointAt(i);
            i += Character.charCount(point);
            if (point >= 'a' && point <= 'z' || point >= 'A' && point <= 'Z' || point >= '0' && point <= '9'
                    || "-._~!*:,;?/".indexOf(point) >= 0) {
                text.append((char) point);
            } else if (point == ' ') {
                text.append('+');
            } else if (point < 0x80) {
                escape(text, point);
            } else if (point < 0x800) {
                escape(text, 0xC0 | point >> 6);
                escape(text, 0x80 | point & 0x3F);
            } else if (point < 0x10000) {
                // a lone half of a pair has no UTF-8
                int known = point >= 0xD800 && point <= 0xDFFF ? 0xFFFD : point;
                escape(text, 0xE0 | known >> 12);
                escape(text, 0x80 | known >> 6 & 0x3F);
                escape(text, 0x80 | known & 0x3F);
            } else {
                escape(text, 0xF0 | point >> 18);
                escape(text, 0x80 | point >> 12 & 0x3F);
                escape(text, 0x80 | point >> 6 & 0x3F);
                escape(text, 0x80 | point & 0x3F);
            }
        }
        return text.toString();
    }

    private static void escape(StringBuilder text, int value) {
        text.append('%').append(HEX.charAt(value >> 4 & 15)).append(HEX.charAt(value & 15));
    }

    /**
     * Reads a fragment, strictly: an unknown or repeated name, a missing one, a value out of range or a broken escape is
     * refused.
     *
     * @throws FormatException naming what does not fit
     */
    public static SharedSetup read(String fragment) {
        if (fragment.length() > MAX_LENGTH) {
            throw fault("", "has " + fragment.length() + " characters, more than " + MAX_LENGTH);
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : (fragment.startsWith("#") ? fragment.substring(1) : fragment).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw fault("", "holds \"" + shown(pair) + "\", which is no NAME=VALUE");
            }
            String name = decode(pair.substring(0, equals), pair);
            if (values.put(name, decode(pair.substring(equals + 1), name)) != null) {
                throw fault(name, "occurs twice");
            }
        }
        String version = values.remove("share");
        if (!Integer.toString(VERSION).equals(version)) {
            throw new FormatException(PLACE, "share", "is " + shown(version),
                    "This page reads version " + VERSION + "; reload it, or ask for a link of that version");
        }
        int rounds = whole(values, "rounds", 1, Setting.MAX_ROUNDS);
        int steps = whole(values, "steps", 0, Setting.MAX_LATENT_STEPS);
        double temperature = decimal("temperature", take(values, "temperature"), 0, 2);
        double topP = values.containsKey("top_p")
                ? decimal("top_p", take(values, "top_p"), LEAST_TOP_P, 1) : RunRequest.TOP_P;
        int answers = values.containsKey("answers") ? whole(values, "answers", 1, RunRequest.MOST_ANSWERS) : 1;
        int retrieval = values.containsKey("retrieval") ? whole(values, "retrieval", 0, RunRequest.MOST_RETRIEVED) : 0;
        double stopEarly = values.containsKey("stop_early")
                ? decimal("stop_early", take(values, "stop_early"), LEAST_STOP_EARLY, 1) : 0;
        String search = search(values.remove("search"));
        int seed = whole(values, "seed", 0, Integer.MAX_VALUE);
        List<String> ways = ways(take(values, "ways"));
        String problem = take(values, "problem");
        String expected = values.remove("expected");
        Map<String, String> systems = new LinkedHashMap<>();
        Map<String, String> links = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : values.entrySet()) {
            String name = entry.getKey();
            if (name.startsWith(LINK) && name.length() > LINK.length()) {
                links.put(name.substring(LINK.length()), entry.getValue());
                continue;
            }
            if (!name.startsWith(SYSTEM) || name.length() == SYSTEM.length()) {
                throw fault(name, "is not known");
            }
            systems.put(name.substring(SYSTEM.length()), entry.getValue());
        }
        return new SharedSetup(problem, expected, rounds, steps, temperature, seed, ways, systems, links, topP, answers,
                retrieval, stopEarly, search);
    }

    private static String search(String address) {
        try {
            if (address != null && !WikiAddress.api(address).equals(address)) {
                throw fault("search", "is " + shown(address) + ", not the address of a wiki's api.php");
            }
            return address;
        } catch (IllegalArgumentException e) {
            throw fault("search", e.getMessage());
        }
    }

    private static FormatException fault(String field, String problem) {
        return new FormatException(PLACE, shown(field), problem, REMEDY);
    }

    private static String shown(String text) {
        return text == null ? "missing" : text.length() > 60 ? text.substring(0, 60) + "\u2026" : text;
    }

    private static String take(Map<String, String> values, String name) {
        String value = values.remove(name);
        if (value == null) {
            throw fault(name, "is missing");
        }
        return value;
    }

    private static int whole(Map<String, String> values, String name, int low, int high) {
        String text = take(values, name);
        long value = -1;
        if (!text.isEmpty() && text.length() <= 10 && onlyDigits(text)) {
            value = Long.parseLong(text);
        }
        if (value < low || value > high) {
            throw fault(name, "is " + shown(text) + ", not a whole number from " + low + " to " + high);
        }
        return (int) value;
    }

    private static boolean onlyDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static double decimal(String name, String text, double low, double high) {
        int dot = text.indexOf('.');
        boolean number = text.length() <= 5 && !text.startsWith(".") && !text.endsWith(".") && !text.isEmpty()
                && onlyDigits(dot < 0 ? text : text.substring(0, dot) + text.substring(dot + 1));
        double value = number ? Double.parseDouble(text) : -1;
        if (value < low || value > high) {
            throw fault(name, "is " + shown(text) + ", not a number from " + plain(low) + " to " + plain(high));
        }
        return value;
    }

    private static List<String> ways(String text) {
        List<String> ways = new ArrayList<>();
        Set<String> known = new HashSet<>(List.of(Mode.LATENT, Mode.TEXT, Mode.SINGLE));
        for (String way : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            if (!known.remove(way)) {
                throw fault("ways", "holds " + shown(way) + "; each of latent, text and single can be there once");
            }
            ways.add(way);
        }
        return ways;
    }

    private static String decode(String value, String field) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '+') {
                text.append(' ');
            } else if (c != '%') {
                text.append(c);
            } else {
                int lead = octet(value, i, field);
                int more = lead < 0x80 ? 0 : lead >= 0xC2 && lead < 0xE0 ? 1 : lead >= 0xE0 && lead < 0xF0 ? 2
                        : lead >= 0xF0 && lead < 0xF5 ? 3 : -1;
                if (more < 0) {
                    throw broken(field);
                }
                int point = more == 0 ? lead : lead & 0x3F >> more;
                for (int k = 1; k <= more; k++) {
                    int next = octet(value, i + 3 * k, field);
                    if ((next & 0xC0) != 0x80) {
                        throw broken(field);
                    }
                    point = point << 6 | next & 0x3F;
                }
                boolean overlong = more == 2 && point < 0x800 || more == 3 && point < 0x10000;
                if (overlong || point > 0x10FFFF || point >= 0xD800 && point <= 0xDFFF) {
                    throw broken(field);
                }
                text.appendCodePoint(point);
                i += 3 * more + 2;
            }
        }
        return text.toString();
    }

    private static int octet(String value, int at, String field) {
        if (at + 2 >= value.length() || value.charAt(at) != '%') {
            throw broken(field);
        }
        int high = HEX.indexOf(upper(value.charAt(at + 1)));
        int low = HEX.indexOf(upper(value.charAt(at + 2)));
        if (high < 0 || low < 0) {
            throw broken(field);
        }
        return high << 4 | low;
    }

    private static char upper(char c) {
        return c >= 'a' && c <= 'f' ? (char) (c - 'a' + 'A') : c;
    }

    private static FormatException broken(String field) {
        return fault(field, "has a broken %-escape");
    }
}
