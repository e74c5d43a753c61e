package org.recursivemas.bridge.js;

/** A rejected promise of WebGPU or WebLLM; the message is the reason's. */
public final class JavaScriptException extends RuntimeException {
    JavaScriptException(String message) {
        super(message);
    }
}
