package org.recursivemas.library.runtime;

/** An Array of objects, each held by one reference. (No caller puts anything but objects into one.) */
final class ArrayObj extends Obj {
    private final Obj[] items;
    private boolean checked;

    /** Takes over the references to the items. */
    ArrayObj(Obj... items) {
        super(TypeIndex.ARRAY, 8);
        this.items = items;
    }

    /** Whether this array has been found to hold the library's parameters. */
    boolean isChecked() {
        return checked;
    }

    void setChecked() {
        checked = true;
    }

    int size() {
        return items.length;
    }

    Obj get(int index) {
        if (index < 0 || index >= items.length) {
            throw new LibraryException("index " + index + " is outside an Array of " + items.length);
        }
        return items[index];
    }

    @Override
    void destroy() {
        for (Obj item : items) {
            item.release();
        }
    }
}
