package org.recursivemas.bridge.webllm;

import org.teavm.jso.JSObject;
import org.teavm.jso.typedarrays.Int32Array;

/** The tokenizer that WebLLM loaded for a model. */
public interface Tokenizer extends JSObject {
    /** Adds no special tokens; recognises those written in the text. */
    Int32Array encode(String text);

    /** Special tokens come out as their text. */
    String decode(Int32Array ids);
}
