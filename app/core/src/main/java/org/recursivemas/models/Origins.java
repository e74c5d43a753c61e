package org.recursivemas.models;

import java.util.List;

/** Which servers the page's Content-Security-Policy lets it ask; the counterpart of policy.js. */
public final class Origins {
    private static final String HUB = "https://huggingface.co";

    private Origins() {
    }

    /** The origin of an absolute address: scheme, host and port; null when it is none of http or https. */
    public static String of(String url) {
        int host = url.indexOf("://") + 3;
        if (!url.startsWith("http://") && !url.startsWith("https://") || host >= url.length()) {
            return null;
        }
        int end = host;
        while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        return end == host ? null : url.substring(0, end);
    }

    /**
     * Whether the page may ask for {@code url}.
     *
     * @param own the page's origin
     * @param chosen absolute addresses that the page's address names
     */
    public static boolean allowed(String url, String own, List<String> chosen) {
        String origin = of(url);
        if (origin == null) {
            return false;
        }
        return origin.equals(own) || chosen.stream().anyMatch(address -> origin.equals(of(address)));
    }

    /** What to call an origin: its host and port. */
    public static String host(String url) {
        String origin = of(url);
        return origin == null ? url : origin.substring(origin.indexOf("://") + 3);
    }

    /** Whether files come from Hugging Face, which sends requests for large ones on to servers of its own. */
    public static boolean hub(String url) {
        return HUB.equals(of(url));
    }
}
