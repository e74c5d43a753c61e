package org.recursivemas.library.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The table of global functions: those of the runtime and those that JavaScript registers. Holds one reference to
 * each.
 */
final class Globals {
    private static final Map<String, FunctionObj> FUNCTIONS = new HashMap<>();
    private static final List<String> NAMES = new ArrayList<>();

    private Globals() {
    }

    /** The function, or null. */
    static FunctionObj get(String name) {
        return FUNCTIONS.get(name);
    }

    static void add(String name, Builtin.Body body) {
        FUNCTIONS.put(name, new Builtin(name, body));
        NAMES.add(name);
    }

    /** Registers a function that somebody else keeps, too. */
    static void register(String name, FunctionObj function, boolean override) {
        FunctionObj old = FUNCTIONS.get(name);
        if (old != null && !override) {
            throw new LibraryException("Global Function `" + name + "` is already registered");
        }
        function.retain();
        FUNCTIONS.put(name, function);
        if (old == null) {
            NAMES.add(name);
        } else {
            old.release();
        }
    }

    static int count() {
        return NAMES.size();
    }

    static String name(int index) {
        if (index >= NAMES.size()) {
            throw new LibraryException("there are " + NAMES.size() + " global functions, none has number " + index);
        }
        return NAMES.get(index);
    }
}
