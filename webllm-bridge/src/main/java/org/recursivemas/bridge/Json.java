package org.recursivemas.bridge;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** A parsed JSON value, read field by field. */
@JSClass(transparent = true)
abstract class Json implements JSObject {
    /** Null when {@code text} is not JSON. */
    @JSBody(params = "text", script = "try { return JSON.parse(text); } catch (notJson) { return null; }")
    static native Json parse(String text);

    /** True when the field is there and neither null nor undefined. */
    @JSBody(params = "name", script = "return this[name] !== undefined && this[name] !== null;")
    final native boolean has(String name);

    @JSBody(params = "name", script = "return this[name];")
    final native Json get(String name);

    @JSBody(params = "name", script = "return String(this[name]);")
    final native String text(String name);

    @JSBody(params = "name", script = "return Number(this[name]);")
    final native double number(String name);

    @JSBody(params = "name", script = "return this[name] === true;")
    final native boolean isTrue(String name);

    /** Length of an array; 0 for anything else. */
    @JSBody(script = "return Array.isArray(this) ? this.length : 0;")
    final native int size();

    @JSBody(params = "index", script = "return this[index];")
    final native Json at(int index);

    /** The value as text: numbers and strings as they are, arrays and objects as JSON. */
    @JSBody(script = "var own = this.valueOf(); return typeof own === 'string' ? own : JSON.stringify(own);")
    final native String asText();
}
