package org.recursivemas.together;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.recursivemas.engine.Clock;

/**
 * Whole messages over a channel of small frames: cut into chunks, numbered, checked, acknowledged, sent again when they
 * were not, and handed out once each and in order, whatever the channel does to the frames. A channel that says it is
 * full is left alone until it has drained.
 *
 * <p>Frames, big-endian: {@code 'R', kind}; kind 0 is a chunk: message number (int, from 0), bytes of the message (int),
 * first byte of this chunk (int), CRC-32 of the message (int), bytes; kind 1 acknowledges a message: its number; kind 2
 * says that the sender is there; kind 3 that it is gone.
 */
public final class ReliableLink {
    /** Hears the other peer. */
    public interface Listener {
        /** A whole message. */
        void received(byte[] message);

        /** The link is over, and why, as a sentence. Nothing follows. */
        void lost(String reason);
    }

    /** Hears that a message has arrived. */
    @FunctionalInterface
    public interface Delivered {
        /** @param millis from {@link #send} to the acknowledgement */
        void delivered(double millis);
    }

    /** Silence after which the other peer is taken for gone. A page in the background may speak once a minute only. */
    public static final double SILENCE_MILLIS = 75_000;
    /** Largest message: latents of a long rollout of a wide model take less than one of these. */
    static final int MAX_MESSAGE = 16 << 20;
    /** Messages sent and not yet acknowledged. */
    static final int WINDOW = 16;
    private static final int HEAD = 18;
    private static final int CHUNK = PeerChannel.MAX_FRAME - HEAD;
    /** Silence after which the other peer is said to be silent: three signs of life are missing. */
    static final double QUIET_MILLIS = 6_000;
    private static final double ALIVE_MILLIS = 2_000;
    private static final double RESEND_MILLIS = 4_000;
    private static final int MAGIC = 'R';
    private static final int DATA = 0;
    private static final int ACKNOWLEDGED = 1;
    private static final int ALIVE = 2;
    private static final int GONE = 3;

    private final PeerChannel channel;
    private final Clock clock;
    private final Listener listener;
    private final Map<Integer, Outgoing> outgoing = new LinkedHashMap<>();
    private final Map<Integer, Incoming> incoming = new HashMap<>();
    private int nextNumber;
    private int nextWanted;
    private double heard;
    private double spoke;
    private boolean full;
    private boolean over;

    private static final class Outgoing {
        final byte[] message;
        final int crc;
        final Delivered delivered;
        final double asked;
        int sent;
        double completed;
        double patience = RESEND_MILLIS;

        Outgoing(byte[] message, Delivered delivered, double asked) {
            this.message = message;
            this.delivered = delivered;
            this.asked = asked;
            crc = crc(message);
        }

        boolean complete() {
            return sent == message.length;
        }
    }

    private static final class Incoming {
        final byte[] message;
        final int crc;
        final boolean[] chunks;
        int missing;

        Incoming(int length, int crc) {
            message = new byte[length];
            this.crc = crc;
            chunks = new boolean[(length + CHUNK - 1) / CHUNK];
            missing = chunks.length;
        }
    }

    /** A link over a channel that is open. {@code clock} counts milliseconds. */
    public ReliableLink(PeerChannel channel, Clock clock, Listener listener) {
        this.channel = channel;
        this.clock = clock;
        this.listener = listener;
        heard = clock.millis();
        spoke = heard;
    }

    private static int crc(byte[] message) {
        CRC32 crc = new CRC32();
        crc.update(message, 0, message.length);
        return (int) crc.getValue();
    }

    /** Sends a message of at least one byte. @param delivered told when it has arrived; may be null */
    public void send(byte[] message, Delivered delivered) {
        if (message.length == 0 || message.length > MAX_MESSAGE) {
            throw new IllegalArgumentException("a message has 1 to " + MAX_MESSAGE + " bytes, not " + message.length);
        }
        if (!over) {
            outgoing.put(nextNumber++, new Outgoing(message, delivered, clock.millis()));
            pump();
        }
    }

    /** Sends as many chunks as the channel and the window take. */
    private void pump() {
        int number = 0;
        for (Map.Entry<Integer, Outgoing> entry : new ArrayList<>(outgoing.entrySet())) {
            Outgoing message = entry.getValue();
            if (number++ == WINDOW) {
                return;
            }
            while (!message.complete()) {
                if (full || over) {
                    return;
                }
                int length = Math.min(CHUNK, message.message.length - message.sent);
                post(chunk(entry.getKey(), message, length));
                message.sent += length;
                message.completed = clock.millis();
            }
        }
    }

    private static byte[] chunk(int number, Outgoing message, int length) {
        return frame(DATA, out -> {
            out.writeInt(number);
            out.writeInt(message.message.length);
            out.writeInt(message.sent);
            out.writeInt(message.crc);
            out.write(message.message, message.sent, length);
        });
    }

    /** Writes the body of a frame. */
    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] frame(int kind, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(MAGIC);
            out.writeByte(kind);
            body.write(out);
        } catch (IOException e) {
            throw new IllegalStateException("memory can be written", e);
        }
        return bytes.toByteArray();
    }

    private void post(byte[] frame) {
        spoke = clock.millis();
        full = !channel.send(frame);
    }

    /** Has to be called now and then, about every quarter of a second: sends again, and notices silence. */
    public void tick() {
        if (over) {
            return;
        }
        double now = clock.millis();
        if (now - heard > SILENCE_MILLIS) {
            end("Nothing was heard from the other browser for " + (int) (SILENCE_MILLIS / 1000) + " seconds.");
            return;
        }
        for (Outgoing message : outgoing.values()) {
            if (message.complete() && !full && now - message.completed > message.patience) {
                message.sent = 0;
                message.patience = Math.min(2 * message.patience, SILENCE_MILLIS / 2);
            }
        }
        pump();
        if (!over && now - spoke > ALIVE_MILLIS) {
            post(frame(ALIVE, out -> { }));
        }
    }

    /** The channel has received a frame. */
    public void received(byte[] frame) {
        if (over) {
            return;
        }
        if (frame.length < 2 || frame[0] != MAGIC || frame[1] < DATA || frame[1] > GONE
                || frame[1] == DATA && frame.length <= HEAD || frame[1] == ACKNOWLEDGED && frame.length != 6) {
            end("The other browser sent what this page does not understand. Reload both pages.");
            return;
        }
        heard = clock.millis();
        if (frame[1] == GONE) {
            end("The page of the other browser was closed.");
        } else if (frame[1] == ACKNOWLEDGED) {
            Outgoing message = outgoing.remove(integer(frame, 2));
            if (message != null) {
                if (message.delivered != null) {
                    message.delivered.delivered(heard - message.asked);
                }
                pump();
            }
        } else if (frame[1] == DATA) {
            data(frame);
        }
    }

    private static int integer(byte[] frame, int at) {
        return frame[at] << 24 | (frame[at + 1] & 0xff) << 16 | (frame[at + 2] & 0xff) << 8 | frame[at + 3] & 0xff;
    }

    private void data(byte[] frame) {
        int number = integer(frame, 2);
        int length = integer(frame, 6);
        int from = integer(frame, 10);
        int crc = integer(frame, 14);
        if (number < nextWanted) {
            acknowledge(number);   // the acknowledgement was lost
            return;
        }
        if (length < 1 || length > MAX_MESSAGE || from < 0 || from % CHUNK != 0
                || frame.length - HEAD != Math.min(CHUNK, length - from)) {
            end("The other browser sent a damaged message. Reload both pages.");
            return;
        }
        if (number >= nextWanted + WINDOW) {
            return;   // it comes again when there is room
        }
        Incoming message = incoming.get(number);
        if (message == null || message.message.length != length || message.crc != crc) {
            message = new Incoming(length, crc);
            incoming.put(number, message);
        }
        if (!message.chunks[from / CHUNK]) {
            message.chunks[from / CHUNK] = true;
            message.missing--;
            System.arraycopy(frame, HEAD, message.message, from, frame.length - HEAD);
            if (message.missing == 0) {
                complete(number, message);
            }
        }
    }

    private void complete(int number, Incoming message) {
        if (crc(message.message) != message.crc) {
            incoming.remove(number);   // not acknowledged, so it comes again
            return;
        }
        acknowledge(number);
        List<byte[]> ready = new ArrayList<>();
        while (incoming.containsKey(nextWanted) && incoming.get(nextWanted).missing == 0) {
            ready.add(incoming.remove(nextWanted++).message);
        }
        for (byte[] whole : ready) {
            if (!over) {
                listener.received(whole);
            }
        }
    }

    private void acknowledge(int number) {
        post(frame(ACKNOWLEDGED, out -> out.writeInt(number)));
    }

    /** The channel takes frames again. */
    public void drained() {
        full = false;
        if (!over) {
            pump();
        }
    }

    /** The channel has ended. */
    public void closed(String reason) {
        end(reason);
    }

    private void end(String reason) {
        if (!over) {
            close();
            listener.lost(reason);
        }
    }

    /** Ends the link without telling the listener. */
    public void close() {
        over = true;
        outgoing.clear();
        incoming.clear();
        channel.close();
    }

    /** Says that this page ends. The link ends with it, and the listener is not told. */
    public void goodbye() {
        if (!over) {
            over = true;
            channel.sendLast(frame(GONE, out -> { }));
        }
    }

    /** Whether the other peer has not been heard for so long that signs of life are missing. */
    public boolean quiet() {
        return clock.millis() - heard > QUIET_MILLIS;
    }

    /** Whether everything sent has arrived. */
    public boolean idle() {
        return outgoing.isEmpty();
    }
}
