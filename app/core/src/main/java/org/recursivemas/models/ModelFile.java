package org.recursivemas.models;

import org.recursivemas.links.Digest;
import org.recursivemas.links.Sha256;

/**
 * A file of a model, as WebLLM looks for it.
 *
 * @param scope name of the cache it belongs into: one of {@link ModelStore}'s
 * @param url absolute address, the key in that cache
 * @param bytes its length, or -1 where nobody states it
 * @param hash lower-case hexadecimal SHA-256 (64 digits) or MD5 (32), or null where nobody states one
 */
public record ModelFile(String scope, String url, long bytes, String hash) {
    /** The last part of the address, for people. */
    public String name() {
        return url.substring(url.lastIndexOf('/') + 1);
    }

    /** A fresh computation of what {@link #hash} states, or null where nothing is stated. */
    Digest digest() {
        return hash == null ? null : hash.length() == 32 ? new Md5() : new Sha256();
    }
}
