package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.RunReport;
import org.teavm.flavour.json.JSON;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.core.JSBoolean;
import org.teavm.jso.core.JSNumber;
import org.teavm.jso.core.JSString;

/** The browser's own parser. */
public final class BrowserJson implements Json {
    @Override
    public Object parse(String text) {
        String fault = fault(text);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        return toJava(parsed(text));
    }

    private static Object toJava(JSObject value) {
        switch (type(value)) {
            case "string":
                return ((JSString) value).stringValue();
            case "number":
                return ((JSNumber) value).doubleValue();
            case "boolean":
                return ((JSBoolean) value).booleanValue();
            case "array":
                List<Object> list = new ArrayList<>();
                for (int i = 0; i < length(value); i++) {
                    list.add(toJava(at(value, i)));
                }
                return list;
            case "object":
                Map<String, Object> map = new LinkedHashMap<>();
                for (String name : names(value)) {
                    map.put(name, toJava(get(value, name)));
                }
                return map;
            default:
                return null;
        }
    }

    @Override
    public String write(Object tree, boolean indented) {
        return stringify(toScript(tree), indented ? 2 : 0);
    }

    private static JSObject toScript(Object value) {
        if (value instanceof String text) {
            return JSString.valueOf(text);
        }
        if (value instanceof Number number) {
            return JSNumber.valueOf(number.doubleValue());
        }
        if (value instanceof Boolean flag) {
            return JSBoolean.valueOf(flag);
        }
        if (value instanceof List<?> list) {
            JSArray<JSObject> array = new JSArray<>();
            list.forEach(entry -> array.push(toScript(entry)));
            return array;
        }
        if (value instanceof Map<?, ?> map) {
            JSObject object = object();
            map.forEach((name, entry) -> set(object, (String) name, toScript(entry)));
            return object;
        }
        if (value != null) {
            throw new IllegalArgumentException("no JSON is known for " + value.getClass());
        }
        return null;
    }

    @Override
    public String write(RunReport report) {
        return JSON.serialize(report).stringify();
    }

    @JSBody(params = "text", script = "try { JSON.parse(text); return null; } catch (fault) { return fault.message; }")
    private static native String fault(String text);

    @JSBody(params = "text", script = "return JSON.parse(text);")
    private static native JSObject parsed(String text);

    @JSBody(params = "value", script = "return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;")
    private static native String type(JSObject value);

    @JSBody(params = "value", script = "return value.length;")
    private static native int length(JSObject value);

    @JSBody(params = {"value", "index"}, script = "return value[index];")
    private static native JSObject at(JSObject value, int index);

    @JSBody(params = "value", script = "return Object.keys(value);")
    private static native String[] names(JSObject value);

    @JSBody(params = {"value", "name"}, script = "return value[name];")
    private static native JSObject get(JSObject value, String name);

    /** Without a prototype: every name is an ordinary one. */
    @JSBody(script = "return Object.create(null);")
    private static native JSObject object();

    @JSBody(params = {"object", "name", "value"}, script = "object[name] = value;")
    private static native void set(JSObject object, String name, JSObject value);

    @JSBody(params = {"value", "indent"}, script = "return JSON.stringify(value, null, indent);")
    private static native String stringify(JSObject value, int indent);
}
