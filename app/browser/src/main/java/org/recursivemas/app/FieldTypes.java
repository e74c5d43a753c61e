package org.recursivemas.app;

import org.recursivemas.data.FormatException;
import org.teavm.flavour.json.tree.Node;
import org.teavm.jso.JSBody;

/**
 * Types of the fields of our files, checked before they are read: the parser's own errors name no field, it cuts
 * fractions off whole numbers, and it takes an absent number for an error where Jackson reads 0.
 *
 * <p>A rule is a type and a path, e.g. {@code "int agents.[].hidden_size"}; {@code []} is every element of a list,
 * {@code *} every value of an object. {@code int}, {@code number}, {@code flag}, {@code list} and {@code map} get 0,
 * false or an empty value where they are absent; {@code text}, {@code int?} and {@code number?} may be absent or null.
 */
final class FieldTypes {
    static final String[] TEAM = {"int version", "text id", "text title", "text description", "text links",
        "text answer_marker", "int rounds", "int latent_steps", "int retrieval", "list examples", "text examples.[]", "list agents",
        "map agents.[]", "text agents.[].id", "text agents.[].title", "text agents.[].model", "text agents.[].library",
        "int agents.[].hidden_size", "int agents.[].context_window", "int? agents.[].latent_steps",
        "text agents.[].system", "text agents.[].user", "text agents.[].user_feedback",
        "text agents.[].user_alone", "int agents.[].max_tokens", "text agents.[].chat.system",
        "text agents.[].chat.user", "text agents.[].chat.generation", "list hand_offs", "map hand_offs.[]",
        "text hand_offs.[].from", "text hand_offs.[].to", "text hand_offs.[].slot", "flag hand_offs.[].feedback",
        "list tools", "map tools.[]", "text tools.[].name", "text tools.[].kind", "text tools.[].corpus",
        "int tools.[].result_chars"};
    static final String[] CORPUS = {"int version", "text title", "list documents", "text documents.[]"};
    static final String[] LINKS = {"int version", "text team", "text also_for.[]", "map agents", "text agents.*", "map training",
        "text training.*", "text weights_file", "text links.[].formula", "number? links.[].scale",
        "text links.[].sha256", "int? links.[].tensors.*.offset", "list links", "map links.[]",
        "text links.[].id", "text links.[].kind", "text links.[].from", "text links.[].to",
        "text links.[].residual", "text links.[].post_norm", "int links.[].in_width",
        "int links.[].hidden_width", "int links.[].out_width", "map links.[].tensors", "map links.[].tensors.*",
        "text links.[].tensors.*.dtype", "text links.[].tensors.*.data", "list links.[].tensors.*.shape",
        "int links.[].tensors.*.shape.[]"};
    static final String[] REPORT = {"int version", "list modes", "map modes.[]", "list modes.[].stages", "int seed",
        "number temperature", "map systems", "map artifacts", "map environment", "map links", "text links.*"};
    static final String[] REQUEST = {"text problem", "text expected", "int? rounds", "int? latent_steps",
        "number temperature", "int seed", "number? top_p", "int? answers", "text modes.[]", "text systems.*",
        "text links.*", "flag see_inside", "text search", "number stop_early", "int? retrieval"};

    private FieldTypes() {
    }

    /**
     * Checks {@code node} and fills absent values in.
     *
     * @param format what the field format must hold; null when the file has none
     * @throws FormatException naming the first field that does not fit
     */
    static void check(Node node, String file, String format, String[] rules) {
        if (format != null) {
            String found = text(node, "format");
            if (!format.equals(found)) {
                throw new FormatException(file, "format", found == null ? "is missing" : "is " + found,
                        "This must be a file with \"format\": \"" + format + "\"");
            }
        }
        for (String rule : rules) {
            int blank = rule.indexOf(' ');
            String fault = fault(node, rule.substring(0, blank), rule.substring(blank + 1));
            if (fault != null) {
                int colon = fault.indexOf(": ");
                throw new FormatException(file, fault.substring(0, colon), fault.substring(colon + 2),
                        "Compare it with the description of the file format");
            }
        }
    }

    @JSBody(params = {"node", "name"}, script = "var value = node[name];"
            + " return value === undefined || value === null ? null : typeof value === 'string' ? value"
            + " : JSON.stringify(value);")
    private static native String text(Node node, String name);

    /** {@code "field: problem"}, or null. */
    @JSBody(params = {"node", "type", "path"}, script = ""
            + "var names = {text: 'a text', int: 'a whole number', 'int?': 'a whole number', number: 'a number',\n"
            + "    'number?': 'a number',\n"
            + "    flag: 'true or false', list: 'a list', map: 'an object'};\n"
            + "var empty = {int: function() { return 0; }, number: function() { return 0; },\n"
            + "    flag: function() { return false; }, list: function() { return []; },\n"
            + "    map: function() { return {}; }};\n"
            + "function isMap(value) { return typeof value === 'object' && value !== null && !Array.isArray(value); }\n"
            + "function fits(value) {\n"
            + "    switch (type) {\n"
            + "        case 'text': return typeof value === 'string';\n"
            + "        case 'int': case 'int?': return Number.isInteger(value) && Math.abs(value) < 2147483648;\n"
            + "        case 'number': case 'number?': return typeof value === 'number';\n"
            + "        case 'flag': return typeof value === 'boolean';\n"
            + "        case 'list': return Array.isArray(value);\n"
            + "        default: return isMap(value);\n"
            + "    }\n"
            + "}\n"
            + "function walk(holder, key, where, rest) {\n"
            + "    var value = holder[key];\n"
            + "    if (rest.length === 0) {\n"
            + "        if (value === undefined || value === null) {\n"
            + "            if (empty[type]) { holder[key] = empty[type](); }\n"
            + "            return null;\n"
            + "        }\n"
            + "        return fits(value) ? null\n"
            + "            : where + ': is ' + JSON.stringify(value).slice(0, 60) + ', not ' + names[type];\n"
            + "    }\n"
            + "    if (value === undefined || value === null) { return null; }\n"
            + "    if (rest[0] === '[]' ? !Array.isArray(value) : !isMap(value)) {\n"
            + "        return where + ': is ' + JSON.stringify(value).slice(0, 60) + ', not '\n"
            + "            + names[rest[0] === '[]' ? 'list' : 'map'];\n"
            + "    }\n"
            + "    var keys = rest[0] === '[]' || rest[0] === '*' ? Object.keys(value) : [rest[0]];\n"
            + "    for (var at = 0; at < keys.length; at++) {\n"
            + "        var next = rest[0] === '[]' ? where + '[' + keys[at] + ']'\n"
            + "            : where + (where ? '.' : '') + keys[at];\n"
            + "        var fault = walk(value, keys[at], next, rest.slice(1));\n"
            + "        if (fault) { return fault; }\n"
            + "    }\n"
            + "    return null;\n"
            + "}\n"
            + "return walk({root: node}, 'root', '', path.split('.'));")
    private static native String fault(Node node, String type, String path);
}
