package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.FormatException;

/**
 * An object of a parsed JSON file, read field by field. Whatever does not fit throws {@link FormatException} with file,
 * field and remedy. Fields that nobody asks for are ignored.
 */
public final class Fields {
    /** Whole numbers up to here are exact in a double. */
    private static final double MAX_EXACT = 9_007_199_254_740_992.0;
    private static final String REMEDY = "Take the file as this page wrote it, or compare it with one that it wrote";

    private final Map<?, ?> object;
    private final String file;
    private final String path;

    private Fields(Map<?, ?> object, String file, String path) {
        this.object = object;
        this.file = file;
        this.path = path;
    }

    /**
     * @param tree a parsed file
     * @param file its name, for messages
     */
    public static Fields of(Object tree, String file) {
        if (!(tree instanceof Map<?, ?> map)) {
            throw new FormatException(file, "", "does not hold a JSON object", REMEDY);
        }
        return new Fields(map, file, "");
    }

    /** The same, of a file that states its format and version. */
    public static Fields of(Object tree, String file, String format, int version) {
        Fields fields = of(tree, file);
        if (!format.equals(fields.optional("format"))) {
            throw fields.fault("format", "is not \"" + format + "\"");
        }
        int found = fields.whole("version", 0, Integer.MAX_VALUE);
        if (found != version) {
            throw new FormatException(file, "version", "is " + found, "This page reads version " + version);
        }
        return fields;
    }

    public FormatException fault(String name, String problem) {
        return new FormatException(file, path + name, problem, REMEDY);
    }

    private static String shown(Object value) {
        String text = String.valueOf(value);
        return text.length() > 60 ? text.substring(0, 60) + "\u2026" : text;
    }

    private FormatException wrongType(String name, String wanted) {
        Object value = object.get(name);
        return fault(name, value == null ? "is missing" : "is " + shown(value) + ", not " + wanted);
    }

    public String text(String name) {
        if (object.get(name) instanceof String text) {
            return text;
        }
        throw wrongType(name, "a text");
    }

    /** A text, or null where it is left out or null. */
    public String optional(String name) {
        return object.get(name) == null ? null : text(name);
    }

    public double number(String name) {
        if (object.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw wrongType(name, "a number");
    }

    boolean has(String name) {
        return object.get(name) != null;
    }

    /** A number, or {@code absent} where it is left out. */
    double number(String name, double absent) {
        return object.get(name) == null ? absent : number(name);
    }

    /** A whole number from {@code low} to {@code high}. */
    public int whole(String name, int low, int high) {
        double value = number(name);
        if (value != Math.rint(value) || value < low || value > high) {
            throw fault(name, "is " + shown(object.get(name)) + ", not a whole number from " + low + " to " + high);
        }
        return (int) value;
    }

    /** The objects of a list, or none where it is left out. */
    List<Fields> optionalObjects(String name) {
        return object.get(name) == null ? List.of() : objects(name);
    }

    /** A whole number of 0 or more, up to 2^53. */
    public long amount(String name) {
        double value = number(name);
        if (value != Math.rint(value) || value < 0 || value > MAX_EXACT) {
            throw fault(name, "is " + shown(object.get(name)) + ", not a whole number of 0 or more");
        }
        return (long) value;
    }

    public int count(String name) {
        return whole(name, 0, Integer.MAX_VALUE);
    }

    public boolean flag(String name) {
        if (object.get(name) instanceof Boolean flag) {
            return flag;
        }
        throw wrongType(name, "true or false");
    }

    /** True, false, or null where it is left out or null. */
    public Boolean optionalFlag(String name) {
        return object.get(name) == null ? null : flag(name);
    }

    private List<?> list(String name) {
        if (object.get(name) instanceof List<?> list) {
            return list;
        }
        throw wrongType(name, "a list");
    }

    public List<Fields> objects(String name) {
        List<Fields> read = new ArrayList<>();
        List<?> list = list(name);
        for (int i = 0; i < list.size(); i++) {
            String at = path + name + "[" + i + "]";
            if (!(list.get(i) instanceof Map<?, ?> map)) {
                throw new FormatException(file, at, "is " + shown(list.get(i)) + ", not an object", REMEDY);
            }
            read.add(new Fields(map, file, at + "."));
        }
        return read;
    }

    /** An object, or null where it is left out or null. */
    public Fields optionalObject(String name) {
        Object value = object.get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof Map<?, ?> map) {
            return new Fields(map, file, path + name + ".");
        }
        throw wrongType(name, "an object");
    }

    public List<String> texts(String name) {
        List<String> read = new ArrayList<>();
        for (Object value : list(name)) {
            if (!(value instanceof String text)) {
                throw fault(name, "holds " + shown(value) + ", not a text");
            }
            read.add(text);
        }
        return read;
    }

    public double[] numbers(String name) {
        List<?> list = list(name);
        double[] read = new double[list.size()];
        for (int i = 0; i < read.length; i++) {
            if (!(list.get(i) instanceof Number number)) {
                throw fault(name, "holds " + shown(list.get(i)) + ", not a number");
            }
            read[i] = number.doubleValue();
        }
        return read;
    }

    /** Numbers, none where they are left out or null. */
    public double[] optionalNumbers(String name) {
        return object.get(name) == null ? new double[0] : numbers(name);
    }

    /** A map, empty where it is left out or null. */
    public Map<String, String> optionalMap(String name) {
        return object.get(name) == null ? new LinkedHashMap<>() : map(name);
    }

    public Map<String, String> map(String name) {
        if (!(object.get(name) instanceof Map<?, ?> map)) {
            throw wrongType(name, "an object");
        }
        Map<String, String> read = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (entry.getValue() != null) {
                if (!(entry.getValue() instanceof String text)) {
                    throw fault(name + "." + entry.getKey(), "is " + shown(entry.getValue()) + ", not a text");
                }
                read.put((String) entry.getKey(), text);
            }
        }
        return read;
    }
}
