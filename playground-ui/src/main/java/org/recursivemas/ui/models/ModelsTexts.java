package org.recursivemas.ui.models;

import org.recursivemas.ui.Words;

/** The texts of this section. */
final class ModelsTexts {
    static final String TITLE = Words.of("Models");
    static final String INTRO = Words.of("What can run here. Sizes are known before anything is downloaded; what is "
            + "downloaded stays in this browser and is used by all teams that share it.");
    static final String STORED_TITLE = Words.of("Stored in this browser");
    static final String NONE_STORED = Words.of("No model is stored.");
    static final String[] STORED_COLUMNS = {Words.of("Model"), Words.of("Used by"), Words.of("Size"),
            Words.of("State"), ""};
    static final String NO_USER = Words.of("no team of this list");
    static final String WHOLE = Words.of("complete");
    static final String DELETE = Words.of("Delete");
    static final String ADDRESS_TITLE = Words.of("Another team");
    static final String ADDRESS_LABEL = Words.of("Address of a package (a folder with a manifest.json, or a repository "
            + "on Hugging Face)");
    static final String FIND = Words.of("Look up");
    static final String SEARCHING = Words.of("Looking it up\u2026");
    static final String NO_ADDRESS = Words.of("This is no address of a folder. It looks like "
            + "https://example.org/teams/my-team/.");
    static final String NO_MODEL_ADDRESS = Words.of("This is no address of a model's folder or package. It looks like "
            + "https://example.org/models/my-model/.");
    static final String NO_LIBRARY = Words.of("Nobody says which library this model runs on. Type the address of its "
            + "library (.wasm) too.");
    static final String UNSTORABLE = Words.of("This browser keeps no files for this page, so models are downloaded anew "
            + "each time. Open the page over https, outside a private window, and allow the site to store data.");
    static final String CANCELLED = Words.of("Cancelled. What has come in stays, and the download can be continued.");
    static final String CHECK_ADDRESS = Words.of("Check the address.");
    static final String CHECK_NETWORK = Words.of("Check the network, and that the server allows this page to read it "
            + "(CORS).");
    static final String THE_CATALOG = Words.of("The catalogue");
    static final String THE_MANIFEST = Words.of("The package's manifest");
    static final String A_FILE = Words.of("A file of the model");
    static final String DOWNLOAD = Words.of("Download");
    static final String CONTINUE = Words.of("Continue");
    static final String CHECK = Words.of("Check and repair");
    static final String CANCEL = Words.of("Cancel");
    static final String USE = Words.of("Use");
    static final String CHECKING = Words.of("Checking what is stored: ");
    static final String LISTING = Words.of("Reading the lists of files\u2026");
    static final String ROW_DOWNLOAD = Words.of("Download");
    static final String ROW_MEMORY = Words.of("GPU memory");
    static final String ROW_F16 = Words.of("f16");
    static final String ROW_CONTEXT = Words.of("Context");
    static final String ROW_PARAMETERS = Words.of("Parameters");
    static final String ROW_LICENCE = Words.of("Licence");
    static final String ROW_HANDS_OVER = Words.of("Hands over");
    static final String F16_NOT_NEEDED = Words.of("not needed");
    static final String F16_MISSING = Words.of("needed; this GPU does not have it");
    static final String F16_THERE = Words.of("needed; this GPU has it");
    static final String F16_NEEDED = Words.of("needed");
    static final String LATENTS = Words.of("hidden states or text");
    static final String TEXT_ONLY = Words.of("text only: there are no links for it yet");
    static final String NO_TEAM = Words.of("This is the package of one model. To use it, open a team file that names it.");
    static final String NO_GPU = Words.of("This browser offers no GPU for models.");

    private ModelsTexts() {
    }

    static String brokeOff(String reason) {
        return Words.of("the connection broke off ({0})", reason);
    }

    static String unreachable(String reason) {
        return Words.of("the server cannot be reached ({0})", reason);
    }

    static String missing(String what, String url, int status) {
        return Words.of("{0} {1} cannot be had (HTTP status {2}).", what, url, status);
    }

    static String notReached(String what, String url, String reason) {
        return what + " " + url + ": " + reason + ".";
    }

    static String notJson(String what, String url, String reason) {
        return Words.of("{0} {1} is not JSON ({2}).", what, url, reason);
    }

    static String severalModels(String title) {
        return Words.of("\"{0}\" holds several models. They can be chosen from the list of models now.", title);
    }

    /** @param why what came instead of a package's manifest */
    static String noPackage(String why) {
        return Words.of("There is no package at this address ({0}). For the folder of a model, type the address of its "
                + "library (.wasm) too.", why);
    }

    static String notAllowed(String hosts) {
        return Words.of("This page asks no server but its own until you allow it. The files come from {0}.", hosts);
    }

    static String allow(String hosts) {
        return Words.of("Allow {0} and reload", hosts);
    }

    static String started(String title) {
        return Words.of("Downloading {0}.", title);
    }

    static String done(String title) {
        return Words.of("{0} is stored and complete.", title);
    }

    static String deleted(String folder) {
        return Words.of("Deleted {0}.", folder);
    }

    static String found(String title) {
        return Words.of("Found {0}.", title);
    }

    static String memory(String all, String weights, String cache, String scratch) {
        return Words.of("{0} (weights {1}, KV cache {2}{3})",
                all, weights, cache, scratch == null ? "" : Words.of(", buffers {0}", scratch));
    }

    static String size(String size, boolean counted) {
        return counted ? size : Words.of("about {0}", size);
    }

    static String ofWhichStored(String stored) {
        return Words.of("{0} of it stored", stored);
    }

    static String context(int tokens) {
        return Words.of("{0} tokens", tokens);
    }

    static String fetched(String done, String total) {
        return Words.of("{0} of {1}", done, total);
    }

    static String rate(String perSecond) {
        return Words.of("{0}/s", perSecond);
    }

    static String left(String time) {
        return Words.of("{0} left", time);
    }

    static String unfinished(int files, int wanted) {
        return wanted < 0 ? Words.of("unfinished") : Words.of("unfinished: {0} of {1} files", files, wanted);
    }

    static String total(String used, String quota) {
        return Words.of("Models: {0}{1}", used, quota == null ? "."
                : Words.of(". The browser gives this site up to {0}.", quota));
    }

    static String gpu(String name, boolean half) {
        return Words.of("GPU: {0}{1}",
                name.isEmpty() ? Words.of("unnamed") : name, half ? Words.of(", with shader-f16.")
                : Words.of(", without " + "shader-f16."));
    }

    static String of(String action, String title) {
        return action + ": " + title;
    }
}
