package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.RunReport;
import org.recursivemas.measure.ReportReader;
import org.recursivemas.measure.RunSummary;
import org.recursivemas.ui.RunObserver;

/** All runs that were kept, and what a person does with them. Without any document. */
final class History implements RunObserver {
    /** Format of {@link #exportAll}. */
    static final String FORMAT = "recursivemas.history";
    static final int VERSION = 1;

    private final Store store;
    private final Json json;
    private final Identity identity;
    private final Runner runner;
    private final Runnable changed;
    private final List<RunSummary> lines = new ArrayList<>();
    private String fault;
    private String said = "";
    private RunSummary open;
    private RunReport report;
    private int version;

    History(Store store, Json json, Identity identity, Runner runner, Runnable changed) {
        this.store = store;
        this.json = json;
        this.identity = identity;
        this.runner = runner;
        this.changed = changed;
    }

    /** Reads what was kept before. */
    void load() {
        store.read(Store.RUNS, "", found -> {
            lines.clear();
            for (String text : found) {
                try {
                    lines.add(RunSummary.of(json.parse(text), "the history"));
                } catch (FormatException | IllegalArgumentException e) {
                    fault = MeasureTexts.historyDamaged(e.getMessage());
                }
            }
            change();
        }, this::fail);
    }

    private void change() {
        version++;
        changed.run();
    }

    private void fail(String why) {
        fault = why;
        change();
    }

    @Override
    public void onReport(RunReport told, boolean whole) {
        if (runner.job() == null && !told.modes.isEmpty()) {
            keep(RunSummary.RUN, told);
        }
    }

    /** Keeps a report. */
    void keep(String kind, RunReport told) {
        RunSummary line = RunSummary.of(identity.next(), identity.now(), kind, told);
        // The line is shown at once; a storage that is full says so, and the run can still be exported.
        lines.add(line);
        fault = null;
        store.write(List.of(Store.Change.put(Store.RUNS, line.id(), json.write(line.toTree(), false)),
                Store.Change.put(Store.REPORTS, line.id(), json.write(told))), this::change, why -> {
                    lines.remove(line);
                    open = line;
                    report = told;
                    fail(why);
                });
    }

    List<RunSummary> lines() {
        return lines;
    }

    /** What went wrong last, for people, or null. */
    String fault() {
        return fault;
    }

    /** Why the history does not outlive this visit, or null. */
    String fleeting() {
        return store.fleeting();
    }

    /** What was done last, for people. */
    String said() {
        return said;
    }

    /** Goes up with every change. */
    int version() {
        return version;
    }

    /** The run that is looked at, or null. */
    RunSummary open() {
        return open;
    }

    /** Its report, or null. */
    RunReport report() {
        return report;
    }

    void open(RunSummary line) {
        read(line, read -> {
            open = line;
            report = read;
            change();
        });
    }

    void close() {
        open = null;
        report = null;
        change();
    }

    private void read(RunSummary line, Consumer<RunReport> found) {
        store.read(Store.REPORTS, line.id(), texts -> {
            try {
                if (texts.isEmpty()) {
                    throw new IllegalArgumentException(MeasureTexts.REPORT_MISSING);
                }
                found.accept(ReportReader.read(json.parse(texts.get(0)), "the report of this run"));
            } catch (FormatException | IllegalArgumentException e) {
                fail(e.getMessage());
            }
        }, this::fail);
    }

    void delete(RunSummary line) {
        store.write(List.of(Store.Change.delete(Store.RUNS, line.id()), Store.Change.delete(Store.REPORTS, line.id())),
                () -> {
                    lines.remove(line);
                    if (line.equals(open)) {
                        open = null;
                        report = null;
                    }
                    fault = null;
                    said = MeasureTexts.DELETED;
                    change();
                }, this::fail);
    }

    void deleteAll() {
        store.write(List.of(Store.Change.deleteAll(Store.RUNS, ""), Store.Change.deleteAll(Store.REPORTS, "")), () -> {
            lines.clear();
            open = null;
            report = null;
            fault = null;
            said = MeasureTexts.DELETED_ALL;
            change();
        }, this::fail);
    }

    /** Hands out all reports as one JSON text. */
    void exportAll(Consumer<String> done) {
        store.read(Store.REPORTS, "", texts -> {
            List<Object> reports = new ArrayList<>();
            try {
                texts.forEach(text -> reports.add(json.parse(text)));
            } catch (FormatException | IllegalArgumentException e) {
                fail(MeasureTexts.historyDamaged(e.getMessage()));
                return;
            }
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("format", FORMAT);
            tree.put("version", VERSION);
            tree.put("runs", reports);
            done.accept(json.write(tree, true));
            said = MeasureTexts.exported(reports.size());
            change();
        }, this::fail);
    }

    /** Takes the report of a run, or an exported history, into the history. */
    void importFile(String name, String text) {
        List<RunReport> reports = new ArrayList<>();
        try {
            Object tree = parse(name, text);
            if (tree instanceof Map<?, ?> map && FORMAT.equals(map.get("format"))) {
                if (!(map.get("runs") instanceof List<?> runs)) {
                    throw new IllegalArgumentException(MeasureTexts.noRuns(name));
                }
                for (int i = 0; i < runs.size(); i++) {
                    reports.add(ReportReader.read(runs.get(i), name + ", run " + (i + 1)));
                }
            } else {
                reports.add(ReportReader.read(tree, name));
            }
        } catch (FormatException | IllegalArgumentException e) {
            fail(e.getMessage());
            return;
        }
        for (RunReport read : reports) {
            keep(RunSummary.IMPORT, read);
        }
        if (reports.size() == 1 && fault == null) {
            open = lines.get(lines.size() - 1);
            report = reports.get(0);
        }
        said = MeasureTexts.imported(reports.size());
        change();
    }

    /** Shows why a file could not be taken. */
    void refuse(String why) {
        fail(why);
    }

    private Object parse(String name, String text) {
        try {
            return json.parse(text);
        } catch (FormatException | IllegalArgumentException e) {
            throw new IllegalArgumentException(MeasureTexts.notJson(name, e.getMessage()), e);
        }
    }
}
