package org.recursivemas.ui.models;

import java.util.List;
import org.recursivemas.models.Machine;
import org.recursivemas.models.ModelStore;

/** Where the section of models lives: the browser, or what tests put in its place. */
public interface ModelPlace {
    /** Downloads and caches; its calls wait, so they belong into {@link #begin}. */
    ModelStore store();

    /** Why nothing can be stored here, for people; null when it can. */
    String unstorable();

    /** Does something that waits, beside the page. */
    void begin(Runnable task);

    /** What models would run on. Waits. */
    Machine machine();

    /** Absolute address of the page, without query and fragment. */
    String page();

    /** {@code address}, relative to {@code base}, as an absolute one; null when it is none. */
    String resolve(String address, String base);

    /** The values that a parameter has in the page's address. */
    List<String> parameters(String name);

    /** A text as a value in an address. */
    String encode(String text);
}
