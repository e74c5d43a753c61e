package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Keeps things for this visit only, where the browser offers nothing that lasts. */
final class VisitStore implements Store {
    private final Map<String, TreeMap<String, String>> tables = new HashMap<>();

    VisitStore() {
        TABLES.forEach(table -> tables.put(table, new TreeMap<>()));
    }

    @Override
    public void write(List<Change> changes, Runnable done, Consumer<String> failed) {
        for (Change change : changes) {
            TreeMap<String, String> table = tables.get(change.table());
            if (change.value() != null) {
                table.put(change.key(), change.value());
            } else if (change.prefix()) {
                table.keySet().removeIf(key -> key.startsWith(change.key()));
            } else {
                table.remove(change.key());
            }
        }
        done.run();
    }

    @Override
    public void read(String table, String prefix, Consumer<List<String>> found, Consumer<String> failed) {
        List<String> values = new ArrayList<>();
        tables.get(table).forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                values.add(value);
            }
        });
        found.accept(values);
    }

    @Override
    public String fleeting() {
        return MeasureTexts.NOT_KEPT;
    }
}
