package org.recursivemas.together;

/** A way for small binary frames to one other peer, for example a WebRTC data channel. */
public interface PeerChannel {
    /** Most bytes of a frame: what every browser's data channel takes. */
    int MAX_FRAME = 16 * 1024;

    /**
     * Sends a frame, at most {@link #MAX_FRAME} bytes.
     *
     * @return false when nothing more should be sent before {@link Receiver#drained()}
     */
    boolean send(byte[] frame);

    /** Ends the connection. Nothing is received any more. */
    void close();

    /** Sends a last frame, which is on its way when this returns, full or not: the page may end right after. */
    void sendLast(byte[] frame);

    /** Hears the other end. */
    interface Receiver {
        void received(byte[] frame);

        /** What was sent has gone out: more may be sent. */
        void drained();

        /** The connection has ended, and why, as a sentence. */
        void closed(String reason);
    }
}
