package org.recursivemas.together;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.tasks.SeededRandom;

/** Channels in memory, with a clock of their own, that delay, lose, reorder, repeat and damage frames. */
public final class SimulatedNetwork {
    /** What happens to a frame. */
    private static final class Event {
        final double at;
        final Runnable action;

        Event(double at, Runnable action) {
            this.at = at;
            this.action = action;
        }
    }

    private final SeededRandom random;
    private final List<Event> events = new ArrayList<>();
    /** Probabilities of a frame. */
    public double lost;
    public double repeated;
    public double damaged;
    /** Longest delay: frames overtake each other. */
    public double delay = 20;
    /** Frames under way on one channel beyond which it is full. */
    public int room = 8;
    /** Most frames that were under way on one channel at once. */
    public int most;
    private double now;

    public SimulatedNetwork(int seed) {
        random = new SeededRandom(seed);
    }

    public double millis() {
        return now;
    }

    private boolean chance(double probability) {
        return random.nextInt(1_000_000) < probability * 1_000_000;
    }

    /** Does {@code action} {@code after} milliseconds. */
    public void later(double after, Runnable action) {
        events.add(new Event(now + after, action));
    }

    /** Lets time pass; {@code tick} is called every 250 ms. */
    public void pass(double millis, Runnable tick) {
        double end = now + millis;
        double nextTick = now + 250;
        while (true) {
            Event next = null;
            for (Event event : events) {
                if (next == null || event.at < next.at) {
                    next = event;
                }
            }
            double at = next == null ? nextTick : Math.min(next.at, nextTick);
            if (at > end) {
                now = end;
                return;
            }
            now = at;
            if (next != null && next.at == at) {
                events.remove(next);
                next.action.run();
            } else {
                nextTick += 250;
                tick.run();
            }
        }
    }

    /** Two ends that are connected. */
    public final class Line {
        public final End left = new End(this);
        public final End right = new End(this);
        private boolean cut;

        /** @param told whether the ends hear that they are cut */
        public void cut(boolean told) {
            cut = true;
            if (told) {
                later(1, () -> left.receiver.closed("The line was cut."));
                later(1, () -> right.receiver.closed("The line was cut."));
            }
        }
    }

    /** One end. */
    public final class End implements PeerChannel {
        private final Line line;
        public PeerChannel.Receiver receiver;
        private int underWay;
        private boolean closed;

        End(Line line) {
            this.line = line;
        }

        private End other() {
            return line.left == this ? line.right : line.left;
        }

        @Override
        public boolean send(byte[] frame) {
            if (frame.length > MAX_FRAME) {
                throw new AssertionError("a frame of " + frame.length + " bytes");
            }
            if (closed) {
                return true;
            }
            underWay++;
            most = Math.max(most, underWay);
            boolean gone = chance(lost);
            int copies = gone ? 0 : chance(repeated) ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                byte[] copy = frame.clone();
                if (copy.length > 30 && chance(damaged)) {
                    copy[copy.length - 1] ^= 1;
                }
                later(1 + random.nextInt((int) delay), () -> {
                    if (!line.cut && !other().closed) {
                        other().receiver.received(copy);
                    }
                });
            }
            later(delay / 2, () -> {
                underWay--;
                if (underWay == 0 && !closed) {
                    receiver.drained();
                }
            });
            return underWay < room;
        }

        @Override
        public void sendLast(byte[] frame) {
            send(frame);
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                later(1, () -> {
                    if (!line.cut && !other().closed) {
                        other().receiver.closed("The other side has left.");
                    }
                });
            }
        }
    }

    public Line line() {
        return new Line();
    }
}
