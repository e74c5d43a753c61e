package org.recursivemas.ui.models;

/** The texts of this section. */
final class ModelsTexts {
    static final String TITLE = "Models";
    static final String INTRO = "What can run here. Sizes are known before anything is downloaded; what is downloaded stays in "
            + "this browser and is used by all teams that share it.";
    static final String STORED_TITLE = "Stored in this browser";
    static final String NONE_STORED = "No model is stored.";
    static final String[] STORED_COLUMNS = {"Model", "Used by", "Size", "State", ""};
    static final String NO_USER = "no team of this list";
    static final String WHOLE = "complete";
    static final String DELETE = "Delete";
    static final String ADDRESS_TITLE = "Another team";
    static final String ADDRESS_LABEL = "Address of a package (a folder with a manifest.json, or a repository on Hugging Face)";
    static final String FIND = "Look up";
    static final String SEARCHING = "Looking it up\u2026";
    static final String NO_ADDRESS = "This is no address of a folder. It looks like https://example.org/teams/my-team/.";
    static final String NO_MODEL_ADDRESS = "This is no address of a model's folder or package. It looks like"
            + " https://example.org/models/my-model/.";
    static final String NO_LIBRARY = "Nobody says which library this model runs on. Type the address of its library (.wasm) too.";
    static final String UNSTORABLE = "This browser keeps no files for this page, so models are downloaded anew each time. "
            + "Open the page over https, outside a private window, and allow the site to store data.";
    static final String CANCELLED = "Cancelled. What has come in stays, and the download can be continued.";
    static final String CHECK_ADDRESS = "Check the address.";
    static final String CHECK_NETWORK = "Check the network, and that the server allows this page to read it (CORS).";
    static final String THE_CATALOG = "The catalogue";
    static final String THE_MANIFEST = "The package's manifest";
    static final String A_FILE = "A file of the model";
    static final String DOWNLOAD = "Download";
    static final String CONTINUE = "Continue";
    static final String CHECK = "Check and repair";
    static final String CANCEL = "Cancel";
    static final String USE = "Use";
    static final String CHECKING = "Checking what is stored: ";
    static final String LISTING = "Reading the lists of files\u2026";
    static final String ROW_DOWNLOAD = "Download";
    static final String ROW_MEMORY = "GPU memory";
    static final String ROW_F16 = "f16";
    static final String ROW_CONTEXT = "Context";
    static final String ROW_PARAMETERS = "Parameters";
    static final String ROW_LICENCE = "Licence";
    static final String ROW_HANDS_OVER = "Hands over";
    static final String F16_NOT_NEEDED = "not needed";
    static final String F16_MISSING = "needed; this GPU does not have it";
    static final String F16_THERE = "needed; this GPU has it";
    static final String F16_NEEDED = "needed";
    static final String LATENTS = "hidden states or text";
    static final String TEXT_ONLY = "text only: there are no links for it yet";
    static final String NO_TEAM = "This is the package of one model. To use it, open a team file that names it.";
    static final String NO_GPU = "This browser offers no GPU for models.";

    private ModelsTexts() {
    }

    static String brokeOff(String reason) {
        return "the connection broke off (" + reason + ")";
    }

    static String unreachable(String reason) {
        return "the server cannot be reached (" + reason + ")";
    }

    static String missing(String what, String url, int status) {
        return what + " " + url + " cannot be had (HTTP status " + status + ").";
    }

    static String notReached(String what, String url, String reason) {
        return what + " " + url + ": " + reason + ".";
    }

    static String notJson(String what, String url, String reason) {
        return what + " " + url + " is not JSON (" + reason + ").";
    }

    static String severalModels(String title) {
        return "\"" + title + "\" holds several models. They can be chosen from the list of models now.";
    }

    /** @param why what came instead of a package's manifest */
    static String noPackage(String why) {
        return "There is no package at this address (" + why + "). For the folder of a model, type the address of its library"
                + " (.wasm) too.";
    }

    static String notAllowed(String hosts) {
        return "This page asks no server but its own until you allow it. The files come from " + hosts + ".";
    }

    static String allow(String hosts) {
        return "Allow " + hosts + " and reload";
    }

    static String started(String title) {
        return "Downloading " + title + ".";
    }

    static String done(String title) {
        return title + " is stored and complete.";
    }

    static String deleted(String folder) {
        return "Deleted " + folder + ".";
    }

    static String found(String title) {
        return "Found " + title + ".";
    }

    static String memory(String all, String weights, String cache, String scratch) {
        return all + " (weights " + weights + ", KV cache " + cache + (scratch == null ? "" : ", buffers " + scratch) + ")";
    }

    static String size(String size, boolean counted) {
        return counted ? size : "about " + size;
    }

    static String ofWhichStored(String stored) {
        return stored + " of it stored";
    }

    static String context(int tokens) {
        return tokens + " tokens";
    }

    static String fetched(String done, String total) {
        return done + " of " + total;
    }

    static String rate(String perSecond) {
        return perSecond + "/s";
    }

    static String left(String time) {
        return time + " left";
    }

    static String unfinished(int files, int wanted) {
        return wanted < 0 ? "unfinished" : "unfinished: " + files + " of " + wanted + " files";
    }

    static String total(String used, String quota) {
        return "Models: " + used + (quota == null ? "." : ". The browser gives this site up to " + quota + ".");
    }

    static String gpu(String name, boolean half) {
        return "GPU: " + (name.isEmpty() ? "unnamed" : name) + (half ? ", with shader-f16." : ", without shader-f16.");
    }

    static String of(String action, String title) {
        return action + ": " + title;
    }
}
