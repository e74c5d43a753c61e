package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** The browser's database, IndexedDB. What it writes is there after a reload, also when the page crashes right after. */
final class IndexedStore implements Store {
    private static final String NAME = "recursivemas";
    private static final int VERSION = 1;

    @JSFunctor
    private interface Opened extends JSObject {
        void accept(JSObject database);
    }

    @JSFunctor
    private interface Found extends JSObject {
        void accept(String[] values);
    }

    @JSFunctor
    private interface Done extends JSObject {
        void run();
    }

    @JSFunctor
    private interface Failed extends JSObject {
        void accept(String name, String message);
    }

    private JSObject database;
    /** What waits for the database; null once it is open or refused. */
    private List<Runnable> waiting;
    private String refused;

    /** Whether this browser has the database at all. */
    @JSBody(script = "try { return !!globalThis.indexedDB; } catch (refused) { return false; }")
    static native boolean exists();

    /** Opens the database if need be, then does {@code action}. A database that was closed from elsewhere is opened anew. */
    private void whenOpen(Runnable action, Consumer<String> failed) {
        if (database != null) {
            action.run();
            return;
        }
        Runnable next = () -> {
            if (database != null) {
                action.run();
            } else {
                failed.accept(refused);
            }
        };
        if (waiting != null) {
            waiting.add(next);
            return;
        }
        waiting = new ArrayList<>();
        waiting.add(next);
        open(NAME, VERSION, TABLES.toArray(new String[0]), opened -> {
            database = opened;
            settle();
        }, (name, message) -> {
            refused = MeasureTexts.storageFailed(name, message);
            settle();
        }, () -> database = null);
    }

    private void settle() {
        List<Runnable> ready = waiting;
        waiting = null;
        ready.forEach(Runnable::run);
    }

    @Override
    public void write(List<Change> changes, Runnable done, Consumer<String> failed) {
        LinkedHashSet<String> tables = new LinkedHashSet<>();
        List<String> parts = new ArrayList<>();
        for (Change change : changes) {
            tables.add(change.table());
            parts.add(change.value() != null ? "put" : change.prefix() ? "deleteAll" : "delete");
            parts.add(change.table());
            parts.add(change.key());
            parts.add(change.value() == null ? "" : change.value());
        }
        whenOpen(() -> write(database, tables.toArray(new String[0]), parts.toArray(new String[0]), done::run,
                (name, message) -> failed.accept(MeasureTexts.storageFailed(name, message))), failed);
    }

    @Override
    public void read(String table, String prefix, Consumer<List<String>> found, Consumer<String> failed) {
        whenOpen(() -> read(database, table, prefix, values -> found.accept(List.of(values)),
                (name, message) -> failed.accept(MeasureTexts.storageFailed(name, message))), failed);
    }

    @Override
    public String fleeting() {
        return null;
    }

    @JSBody(params = {"name", "version", "tables", "opened", "failed", "closed"}, script = """
            var request;
            try {
                request = indexedDB.open(name, version);
            } catch (fault) {
                failed(fault.name, fault.message);
                return;
            }
            request.onupgradeneeded = function() {
                tables.forEach(function(table) {
                    if (!request.result.objectStoreNames.contains(table)) { request.result.createObjectStore(table); }
                });
            };
            request.onsuccess = function() {
                var database = request.result;
                database.onversionchange = function() { database.close(); closed(); };
                database.onclose = function() { closed(); };
                opened(database);
            };
            request.onerror = function() { failed(request.error.name, request.error.message); };
            request.onblocked = function() { failed('BlockedError', 'another tab of this page keeps an older version'); };
            """)
    private static native void open(String name, int version, String[] tables, Opened opened, Failed failed, Done closed);

    @JSBody(params = {"database", "tables", "parts", "done", "failed"}, script = """
            var work;
            try {
                work = database.transaction(tables, 'readwrite');
                work.oncomplete = function() { done(); };
                work.onabort = function() {
                    var fault = work.error || {name: 'AbortError', message: 'the browser gave the change up'};
                    failed(fault.name, fault.message);
                };
                for (var at = 0; at < parts.length; at += 4) {
                    var table = work.objectStore(parts[at + 1]), key = parts[at + 2];
                    if (parts[at] === 'put') {
                        table.put(parts[at + 3], key);
                    } else {
                        table.delete(parts[at] === 'delete' ? key : IDBKeyRange.bound(key, key + '\\uffff'));
                    }
                }
            } catch (fault) {
                if (work) {
                    work.onabort = null;
                    work.abort();
                }
                failed(fault.name, fault.message);
            }
            """)
    private static native void write(JSObject database, String[] tables, String[] parts, Done done, Failed failed);

    @JSBody(params = {"database", "table", "prefix", "found", "failed"}, script = """
            var request;
            try {
                var range = prefix === '' ? null : IDBKeyRange.bound(prefix, prefix + '\\uffff');
                request = database.transaction([table], 'readonly').objectStore(table).getAll(range);
            } catch (fault) {
                failed(fault.name, fault.message);
                return;
            }
            request.onsuccess = function() { found(request.result); };
            request.onerror = function() { failed(request.error.name, request.error.message); };
            """)
    private static native void read(JSObject database, String table, String prefix, Found found, Failed failed);
}
