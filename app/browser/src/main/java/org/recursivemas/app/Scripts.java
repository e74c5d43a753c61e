package org.recursivemas.app;

import java.util.Map;
import org.recursivemas.data.RunReport;

/** The scripts of this site that take part in a run: where they lie, and what a report says of them. */
final class Scripts {
    /** Version of this program, as its build file has it. */
    static final String VERSION = "0.1.0-SNAPSHOT";
    /** What the page runs, and what the worker runs. */
    static final String PAGE = "app.js";
    static final String WORKER = "engine.js";
    private static final String WEB_LLM = "web-llm.js";

    private final String base;
    private final String pageVersion;
    private Map<String, Web.Described> described;

    /**
     * @param base absolute address of the folder of the scripts
     * @param pageVersion version of the page's own script
     */
    Scripts(String base, String pageVersion) {
        this.base = base;
        this.pageVersion = pageVersion;
    }

    /** Absolute address of the bundled WebLLM. */
    String webLlm() {
        return base + WEB_LLM;
    }

    /** Reads what a report says: checksums of the scripts as they are served. Waits; does nothing the second time. */
    void read() {
        if (described == null) {
            described = Map.of(PAGE, Web.describe(base + PAGE), WORKER, Web.describe(base + WORKER), WEB_LLM,
                    Web.describe(webLlm()));
        }
    }

    /** Enters checksums and versions. */
    void describe(RunReport report) {
        for (String name : new String[] {PAGE, WORKER, WEB_LLM}) {
            String hash = described.get(name).getSha256();
            if (hash != null) {
                report.artifacts.put(name, "sha256:" + hash);
            }
        }
        report.environment.put(PAGE, "recursivemas " + pageVersion);
        report.environment.put(WORKER, "recursivemas " + VERSION);
        String webLlm = described.get(WEB_LLM).getTitle();
        report.environment.put(WEB_LLM, webLlm == null ? "unknown version" : webLlm);
    }
}
