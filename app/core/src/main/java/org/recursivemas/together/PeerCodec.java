package org.recursivemas.together;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Mode;
import org.recursivemas.together.PeerMessage.Answer;
import org.recursivemas.together.PeerMessage.Block;
import org.recursivemas.together.PeerMessage.Seat;

/**
 * {@link PeerMessage} to bytes and back: one byte names the message, its fields follow, big-endian; a text or list is its
 * length and its content. Readers check every length: the other peer may send anything.
 */
final class PeerCodec {
    /** More of anything than a team can have. */
    private static final int MOST = 1000;

    private PeerCodec() {
    }

    /** Writes fields. */
    private interface Fields {
        void write(DataOutputStream out) throws IOException;
    }

    /** Reads fields. */
    private interface Reader {
        PeerMessage read(DataInputStream in) throws IOException;
    }

    /** One item of a list. */
    private interface Item<T> {
        T read(DataInputStream in) throws IOException;
    }

    /** Writes one item of a list. */
    private interface ItemWriter<T> {
        void write(DataOutputStream out, T item) throws IOException;
    }

    private static final Reader[] READERS = {PeerCodec::hello, in -> new PeerMessage.Welcome(),
        in -> new PeerMessage.Refused(text(in)), in -> new PeerMessage.Seats(list(in, PeerCodec::seat)),
        in -> new PeerMessage.Ready(), PeerCodec::begin,
        in -> new PeerMessage.Work(in.readInt(), in.readInt(), list(in, PeerCodec::block)),
        in -> new PeerMessage.Text(in.readInt(), text(in), in.readInt()),
        in -> new PeerMessage.Done(in.readInt(), in.readInt(), in.readDouble(), in.readInt(), in.readInt(), text(in),
                text(in), list(in, PeerCodec::answer), list(in, PeerCodec::block)),
        in -> new PeerMessage.Failed(in.readInt(), in.readInt(), text(in)),
        in -> new PeerMessage.Delivered(in.readInt(), in.readInt(), in.readDouble()),
        in -> new PeerMessage.Stage(in.readInt(), in.readInt(), text(in), text(in), in.readInt(), in.readDouble(),
                in.readInt(), in.readInt()),
        in -> new PeerMessage.Hop(in.readInt(), in.readInt(), text(in), text(in), in.readInt(), in.readInt(),
                in.readInt(), in.readInt(), text(in), in.readDouble()),
        in -> new PeerMessage.Stop(in.readInt()),
        in -> new PeerMessage.Ended(in.readInt(), in.readBoolean(), text(in), text(in), text(in),
                list(in, PeerCodec::answer), in.readDouble())};

    /** @throws IllegalArgumentException when the bytes are no message */
    static PeerMessage read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int kind = in.readUnsignedByte();
            if (kind >= READERS.length) {
                throw new IllegalArgumentException("message of unknown kind " + kind);
            }
            PeerMessage message = READERS[kind].read(in);
            if (in.available() != 0) {
                throw new IllegalArgumentException("message of kind " + kind + " with " + in.available()
                        + " bytes too many");
            }
            return message;
        } catch (IOException e) {
            throw new IllegalArgumentException("message that ends too early", e);
        }
    }

    static byte[] write(PeerMessage message) {
        if (message instanceof PeerMessage.Hello m) {
            return bytes(0, out -> hello(out, m));
        } else if (message instanceof PeerMessage.Welcome) {
            return bytes(1, out -> { });
        } else if (message instanceof PeerMessage.Refused m) {
            return bytes(2, out -> text(out, m.reason()));
        } else if (message instanceof PeerMessage.Seats m) {
            return bytes(3, out -> list(out, m.seats(), PeerCodec::seat));
        } else if (message instanceof PeerMessage.Ready) {
            return bytes(4, out -> { });
        } else if (message instanceof PeerMessage.Begin m) {
            return bytes(5, out -> begin(out, m));
        } else if (message instanceof PeerMessage.Work m) {
            return bytes(6, out -> {
                numbers(out, m.run(), m.visit());
                list(out, m.blocks(), PeerCodec::block);
            });
        } else if (message instanceof PeerMessage.Text m) {
            return bytes(7, out -> {
                out.writeInt(m.run());
                text(out, m.text());
                out.writeInt(m.tokens());
            });
        } else if (message instanceof PeerMessage.Done m) {
            return bytes(8, out -> done(out, m));
        } else if (message instanceof PeerMessage.Failed m) {
            return bytes(9, out -> {
                numbers(out, m.run(), m.visit());
                text(out, m.message());
            });
        }
        return writeEvent(message);
    }

    private static byte[] writeEvent(PeerMessage message) {
        if (message instanceof PeerMessage.Delivered m) {
            return bytes(10, out -> {
                numbers(out, m.run(), m.visit());
                out.writeDouble(m.millis());
            });
        } else if (message instanceof PeerMessage.Stage m) {
            return bytes(11, out -> {
                numbers(out, m.run(), m.visit());
                text(out, m.agent());
                text(out, m.player());
                out.writeInt(m.round());
                out.writeDouble(m.millis());
                numbers(out, m.positions(), m.tokens());
            });
        } else if (message instanceof PeerMessage.Hop m) {
            return bytes(12, out -> {
                numbers(out, m.run(), m.id());
                text(out, m.from());
                text(out, m.to());
                numbers(out, m.round(), m.rows(), m.width(), m.bytes());
                text(out, m.encoding());
                out.writeDouble(m.millis());
            });
        } else if (message instanceof PeerMessage.Stop m) {
            return bytes(13, out -> out.writeInt(m.run()));
        } else if (message instanceof PeerMessage.Ended m) {
            return bytes(14, out -> {
                out.writeInt(m.run());
                out.writeBoolean(m.stopped());
                text(out, m.message());
                text(out, m.text());
                text(out, m.answer());
                list(out, m.answers(), PeerCodec::answer);
                out.writeDouble(m.millis());
            });
        }
        throw new IllegalArgumentException("no message: " + message);
    }

    private static byte[] bytes(int kind, Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(kind);
            fields.write(out);
        } catch (IOException e) {
            throw new IllegalStateException("memory can be written", e);
        }
        return bytes.toByteArray();
    }

    private static void hello(DataOutputStream out, PeerMessage.Hello hello) throws IOException {
        out.writeInt(hello.version());
        text(out, hello.member());
        text(out, hello.name());
        text(out, hello.card().team());
        text(out, hello.card().teamHash());
        text(out, hello.card().linksHash());
        list(out, hello.card().models(), (o, model) -> {
            text(o, model.agent());
            text(o, model.model());
            text(o, model.weightsHash());
            o.writeInt(model.hiddenSize());
        });
        list(out, hello.agents(), PeerCodec::text);
    }

    private static PeerMessage hello(DataInputStream in) throws IOException {
        int version = in.readInt();
        if (version != PeerMessage.VERSION) {   // its other fields may be different ones
            in.skipBytes(in.available());
            return new PeerMessage.Hello(version, "", "", new TeamCard("", "", "", List.of()), List.of());
        }
        String member = text(in);
        String name = text(in);
        TeamCard card = new TeamCard(text(in), text(in), text(in), list(in,
                i -> new TeamCard.Model(text(i), text(i), text(i), i.readInt())));
        return new PeerMessage.Hello(version, member, name, card, list(in, PeerCodec::text));
    }

    private static void begin(DataOutputStream out, PeerMessage.Begin begin) throws IOException {
        RunRequest request = begin.request();
        out.writeInt(begin.run());
        text(out, request.problem());
        numbers(out, request.rounds(), request.latentSteps());
        out.writeDouble(request.temperature());
        out.writeInt(request.seed());
        out.writeDouble(request.topP());
        out.writeInt(request.answers());
        map(out, request.links());
        map(out, request.systems());
        text(out, begin.encoding());
    }

    private static void map(DataOutputStream out, Map<String, String> map) throws IOException {
        list(out, new ArrayList<>(map.entrySet()), (o, entry) -> {
            text(o, entry.getKey());
            text(o, entry.getValue());
        });
    }

    /** @throws IllegalArgumentException when a text of it is longer than people write */
    private static Map<String, String> map(DataInputStream in) throws IOException {
        Map<String, String> map = new LinkedHashMap<>();
        list(in, i -> map.put(text(i), written(i)));
        return map;
    }

    /** What a person wrote. @throws IllegalArgumentException when it is longer than people write */
    private static String written(DataInputStream in) throws IOException {
        String text = text(in);
        if (text.length() > PeerMessage.MOST_TEXT) {
            throw new IllegalArgumentException("a text of " + text.length() + " characters");
        }
        return text;
    }

    private static PeerMessage begin(DataInputStream in) throws IOException {
        int run = in.readInt();
        RunRequest request = new RunRequest(written(in), null, in.readInt(), in.readInt(), in.readDouble(), in.readInt(),
                List.of(Mode.LATENT), Map.of()).sampling(in.readDouble(), in.readInt()).withLinks(map(in))
                .withSystems(map(in));
        return new PeerMessage.Begin(run, request, text(in));
    }

    private static void answer(DataOutputStream out, Answer answer) throws IOException {
        out.writeInt(answer.seed());
        text(out, answer.text());
        text(out, answer.answer());
        text(out, answer.finish());
        out.writeInt(answer.tokens());
    }

    private static Answer answer(DataInputStream in) throws IOException {
        return new Answer(in.readInt(), text(in), text(in), text(in), in.readInt());
    }

    private static void done(DataOutputStream out, PeerMessage.Done done) throws IOException {
        numbers(out, done.run(), done.visit());
        out.writeDouble(done.millis());
        numbers(out, done.positions(), done.tokens());
        text(out, done.text());
        text(out, done.answer());
        list(out, done.answers(), PeerCodec::answer);
        list(out, done.blocks(), PeerCodec::block);
    }

    private static void seat(DataOutputStream out, Seat seat) throws IOException {
        text(out, seat.agent());
        text(out, seat.player());
        out.writeByte(seat.state().ordinal());
    }

    private static Seat seat(DataInputStream in) throws IOException {
        String agent = text(in);
        String player = text(in);
        int state = in.readUnsignedByte();
        if (state >= Seat.State.values().length) {
            throw new IllegalArgumentException("a seat in the unknown state " + state);
        }
        return new Seat(agent, player, Seat.State.values()[state]);
    }

    private static void block(DataOutputStream out, Block block) throws IOException {
        numbers(out, block.edge(), block.rows(), block.width(), block.bytes().length);
        out.write(block.bytes());
    }

    private static Block block(DataInputStream in) throws IOException {
        return new Block(in.readInt(), in.readInt(), in.readInt(), content(in));
    }

    private static byte[] content(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IllegalArgumentException("a content of " + length + " bytes where " + in.available()
                    + " are left");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static void numbers(DataOutputStream out, int... numbers) throws IOException {
        for (int number : numbers) {
            out.writeInt(number);
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(content(in), StandardCharsets.UTF_8);
    }

    private static <T> void list(DataOutputStream out, List<T> items, ItemWriter<T> writer) throws IOException {
        out.writeInt(items.size());
        for (T item : items) {
            writer.write(out, item);
        }
    }

    private static <T> List<T> list(DataInputStream in, Item<T> item) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > MOST) {
            throw new IllegalArgumentException("a list of " + size + " items");
        }
        List<T> items = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            items.add(item.read(in));
        }
        return items;
    }
}
