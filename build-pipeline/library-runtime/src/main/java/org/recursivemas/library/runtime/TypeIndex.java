package org.recursivemas.library.runtime;

/** The type tags of values that cross the border. */
final class TypeIndex {
    static final int NONE = 0;
    static final int INT = 1;
    static final int BOOL = 2;
    static final int FLOAT = 3;
    static final int OPAQUE_PTR = 4;
    static final int DATA_TYPE = 5;
    static final int DEVICE = 6;
    static final int DL_TENSOR_PTR = 7;
    static final int RAW_STR = 8;
    static final int BYTE_ARRAY_PTR = 9;
    static final int SMALL_STR = 11;
    static final int SMALL_BYTES = 12;
    static final int OBJECT = 64;
    static final int STR = 65;
    static final int BYTES = 66;
    static final int FUNCTION = 68;
    static final int SHAPE = 69;
    static final int TENSOR = 70;
    static final int ARRAY = 71;
    static final int MODULE = 73;
    /** The first of the classes that a library defines itself. */
    static final int KV_STATE = 128;

    private TypeIndex() {
    }

    static String name(int index) {
        switch (index) {
            case NONE: return "None";
            case INT: return "Int";
            case BOOL: return "Bool";
            case FLOAT: return "Float";
            case OPAQUE_PTR: return "OpaquePtr";
            case DATA_TYPE: return "DataType";
            case DEVICE: return "Device";
            case RAW_STR:
            case SMALL_STR:
            case STR: return "Str";
            case BYTE_ARRAY_PTR:
            case SMALL_BYTES:
            case BYTES: return "Bytes";
            case FUNCTION: return "Function";
            case SHAPE: return "Shape";
            case TENSOR: return "Tensor";
            case ARRAY: return "Array";
            case MODULE: return "Module";
            case KV_STATE: return "KVState";
            default: return "type " + index;
        }
    }
}
