package org.recursivemas.ui.measure;

import java.util.List;
import java.util.function.Consumer;

/** A store that outlives the page, and that can be made to fail. */
final class TestStore implements Store {
    private final VisitStore inner = new VisitStore();
    /** Why writing fails, or null. */
    String fault;

    @Override
    public void write(List<Change> changes, Runnable done, Consumer<String> failed) {
        if (fault == null) {
            inner.write(changes, done, failed);
        } else {
            failed.accept(fault);
        }
    }

    @Override
    public void read(String table, String prefix, Consumer<List<String>> found, Consumer<String> failed) {
        inner.read(table, prefix, found, failed);
    }

    @Override
    public String fleeting() {
        return null;
    }
}
