package org.recursivemas.ui.measure;

import java.util.List;
import java.util.function.Consumer;

/** Texts by key, in tables. Calls return at once; reads are in the order of the keys. Failures are told for people. */
interface Store {
    /** Lines of the history. */
    String RUNS = "runs";
    /** Reports of the runs, whole. */
    String REPORTS = "reports";
    /** Benchmarks without their trials. */
    String BENCHMARKS = "benchmarks";
    /** Trials, by benchmark, '/' and trial. */
    String TRIALS = "trials";
    List<String> TABLES = List.of(RUNS, REPORTS, BENCHMARKS, TRIALS);

    /**
     * One change; all changes of a call are made, or none.
     *
     * @param value null to delete
     * @param prefix whether everything is deleted whose key begins with {@code key}
     */
    record Change(String table, String key, String value, boolean prefix) {
        static Change put(String table, String key, String value) {
            return new Change(table, key, value, false);
        }

        static Change delete(String table, String key) {
            return new Change(table, key, null, false);
        }

        static Change deleteAll(String table, String prefix) {
            return new Change(table, prefix, null, true);
        }
    }

    void write(List<Change> changes, Runnable done, Consumer<String> failed);

    /** All values whose key begins with {@code prefix}. */
    void read(String table, String prefix, Consumer<List<String>> found, Consumer<String> failed);

    /** Why what is kept is gone with the page, for people; null when it stays. */
    String fleeting();
}
