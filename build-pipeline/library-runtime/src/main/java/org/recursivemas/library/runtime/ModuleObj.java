package org.recursivemas.library.runtime;

import java.util.HashMap;
import java.util.Map;

/** A Module: functions by name, each held by one reference. */
final class ModuleObj extends Obj {
    private final Map<String, FunctionObj> functions = new HashMap<>();

    /** What the functions use beside, held by one reference; may be null. */
    private final Obj content;

    ModuleObj() {
        this(null);
    }

    /** Takes over the reference to {@code content}. */
    ModuleObj(Obj content) {
        super(TypeIndex.MODULE, 8);
        this.content = content;
    }

    /** Adds a function, taking over the reference to it. */
    void add(String name, FunctionObj function) {
        FunctionObj old = functions.put(name, function);
        if (old != null) {
            old.release();
        }
    }

    void add(String name, Builtin.Body body) {
        add(name, new Builtin(name, body));
    }

    /** The function, or null. */
    FunctionObj get(String name) {
        return functions.get(name);
    }

    @Override
    void destroy() {
        for (FunctionObj function : functions.values()) {
            function.release();
        }
        if (content != null) {
            content.release();
        }
    }
}
