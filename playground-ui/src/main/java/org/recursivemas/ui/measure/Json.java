package org.recursivemas.ui.measure;

import org.recursivemas.data.RunReport;

/** A JSON parser. Trees are made of Map, List, String, Number, Boolean and null. */
public interface Json {
    /** @throws IllegalArgumentException with the parser's reason, when the text is not JSON */
    Object parse(String text);

    /** @param indented whether people are to read it */
    String write(Object tree, boolean indented);

    String write(RunReport report);
}
