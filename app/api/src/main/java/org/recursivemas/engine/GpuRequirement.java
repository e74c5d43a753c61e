package org.recursivemas.engine;

/** What a browser must have to run models, in words for people. */
public final class GpuRequirement {
    private GpuRequirement() {
    }

    /**
     * Why models cannot run, with what to do about it; null when nothing is known to be in the way.
     *
     * @param webGpu whether there is a {@code navigator.gpu}
     * @param secure whether the page is a secure context; browsers hide WebGPU from others
     */
    public static String unmet(boolean webGpu, boolean secure) {
        if (webGpu) {
            return null;
        }
        return secure
                ? "This browser has no WebGPU. Use a current Chrome, Edge, Safari or Firefox, or switch WebGPU on"
                        + " in its settings."
                : "WebGPU needs a secure page. Open this page by https, or by localhost.";
    }
}
