package org.recursivemas.tools;

/** Addresses of wikis as people give them. The page's policy.js reads the same short names. */
public final class WikiAddress {
    private static final String WIKIPEDIA = "wikipedia";
    private static final String SCRIPT = "/api.php";
    private static final String REMEDY = ". Give wikipedia, wikipedia-de (or another language), or the address of a wiki's api.php";
    private static final int LONGEST_LANGUAGE = 16;

    private WikiAddress() {
    }

    /**
     * The address of a wiki's interface for programs.
     *
     * @param asked {@code wikipedia} (the English one), {@code wikipedia-de} and so on, a wiki's api.php, or its server
     *     alone, whose interface is then looked for where Wikipedia has it ({@code /w/api.php})
     * @throws IllegalArgumentException for people, when it is none of these
     */
    public static String api(String asked) {
        String text = asked.trim();
        if (text.equals(WIKIPEDIA)) {
            return wikipedia("en");
        }
        if (text.startsWith(WIKIPEDIA + "-")) {
            String language = text.substring(WIKIPEDIA.length() + 1);
            if (!isLanguage(language)) {
                throw new IllegalArgumentException("\"" + asked + "\" names no language edition" + REMEDY);
            }
            return wikipedia(language);
        }
        int host = start(text);
        if (host < 0 || text.length() == host || text.indexOf('?') >= 0 || text.indexOf('#') >= 0 || text.indexOf(' ') >= 0
                || text.indexOf('@') >= 0) {
            throw new IllegalArgumentException("\"" + asked + "\" is not the address of a wiki" + REMEDY);
        }
        int slash = text.indexOf('/', host);
        if (slash == host) {
            throw new IllegalArgumentException("\"" + asked + "\" names no server" + REMEDY);
        }
        if (slash < 0 || slash == text.length() - 1) {
            return (slash < 0 ? text : text.substring(0, slash)) + "/w" + SCRIPT;
        }
        if (!text.endsWith(SCRIPT)) {
            throw new IllegalArgumentException("\"" + asked + "\" does not end in " + SCRIPT + REMEDY);
        }
        return text;
    }

    /** Name and port of the server of an address that {@link #api} gave. */
    public static String server(String api) {
        return api.substring(start(api), api.indexOf('/', start(api)));
    }

    /** Scheme, name and port of the server of an address that {@link #api} gave, without a slash at the end. */
    public static String origin(String api) {
        return api.substring(0, api.indexOf('/', start(api))).toLowerCase();
    }

    /** Where the server's name begins; -1 when it is no address. */
    private static int start(String address) {
        for (String scheme : new String[] {"https://", "http://"}) {
            if (address.startsWith(scheme)) {
                return scheme.length();
            }
        }
        return -1;
    }

    private static String wikipedia(String language) {
        return "https://" + language + ".wikipedia.org/w" + SCRIPT;
    }

    private static boolean isLanguage(String language) {
        boolean good = !language.isEmpty() && language.length() <= LONGEST_LANGUAGE;
        for (int i = 0; i < language.length(); i++) {
            char c = language.charAt(i);
            good &= c >= 'a' && c <= 'z' || c == '-' && i > 0 && i < language.length() - 1;
        }
        return good;
    }
}
