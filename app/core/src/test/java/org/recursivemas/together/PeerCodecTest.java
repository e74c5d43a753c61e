package org.recursivemas.together;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.recursivemas.playground.RunRequest;

class PeerCodecTest {
    private static final List<PeerMessage.Block> BLOCKS = List.of(new PeerMessage.Block(2, 1, 3, new byte[] {1, 2, 3}));

    private static final List<PeerMessage.Answer> ANSWERS = List.of(new PeerMessage.Answer(7, "four", "4", "stop", 3));

    private static final List<PeerMessage> ALL = List.of(
            new PeerMessage.Hello(PeerMessage.VERSION, "m", "Bea \u00e9", new TeamCard("t", "th", "lh",
                    List.of(new TeamCard.Model("a", "models/a/", "wh", 7))), List.of("a", "b")),
            new PeerMessage.Welcome(), new PeerMessage.Refused("no"),
            new PeerMessage.Seats(List.of(new PeerMessage.Seat("a", "Bea", PeerMessage.Seat.State.WORKING))),
            new PeerMessage.Ready(), new PeerMessage.Begin(1, new RunRequest("2 plus 2?", null, 3, 32,
                    0.5, 7, List.of("latent"), Map.of("a", "be brief")).sampling(0.9, 3).withLinks(Map.of("a", "noise")),
                    "int8"),
            new PeerMessage.Work(1, 2, BLOCKS), new PeerMessage.Text(1, "4", 1),
            new PeerMessage.Done(1, 2, 12.5, 99, 4, "four", "4", ANSWERS, BLOCKS), new PeerMessage.Failed(1, 2, "broken"),
            new PeerMessage.Delivered(1, 2, 3.5), new PeerMessage.Stage(1, 2, "a", "Bea", 1, 12.5, 99, 4),
            new PeerMessage.Hop(1, 4, "a", "b", 1, 32, 7, 896, "f32", 2.5), new PeerMessage.Stop(1),
            new PeerMessage.Ended(1, true, "", "four", "4", ANSWERS, 50));

    @Test
    void everyMessageArrivesWhole() {
        assertEquals(PeerMessage.class.getPermittedSubclasses().length, ALL.size());
        for (PeerMessage message : ALL) {
            byte[] bytes = PeerCodec.write(message);
            assertArrayEquals(bytes, PeerCodec.write(PeerCodec.read(bytes)), message.toString());
        }
        PeerMessage.Hello hello = (PeerMessage.Hello) PeerCodec.read(PeerCodec.write(ALL.get(0)));
        assertEquals(ALL.get(0), hello);
        assertArrayEquals(new byte[] {1, 2, 3}, ((PeerMessage.Work) PeerCodec.read(PeerCodec.write(ALL.get(6))))
                .blocks().get(0).bytes());
    }

    @Test
    void aMessageThatWasCutOrHasMoreIsRefused() {
        for (PeerMessage message : ALL) {
            byte[] bytes = PeerCodec.write(message);
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThrows(IllegalArgumentException.class, () -> PeerCodec.read(cut), message.toString());
            }
            byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
            assertThrows(IllegalArgumentException.class, () -> PeerCodec.read(longer), message.toString());
        }
    }

    @Test
    void whateverAPeerSendsIsReadOrRefused() {
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = PeerCodec.write(ALL.get(random.nextInt(ALL.size())));
            for (int change = 0; change < 3; change++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                PeerCodec.write(PeerCodec.read(bytes));
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertEquals(true, refused > 1000 && refused < 20_000, refused + " refused");
    }

    @Test
    void aRunArrivesWithAllItsSettings() {
        PeerMessage.Begin begin = (PeerMessage.Begin) PeerCodec.read(PeerCodec.write(ALL.get(5)));
        RunRequest request = begin.request();
        assertEquals(List.of("2 plus 2?", 3, 32, 0.5, 7, 0.9, 3, Map.of("a", "be brief"), Map.of("a", "noise"), "int8"),
                List.of(request.problem(), request.rounds(), request.latentSteps(), request.temperature(), request.seed(),
                        request.topP(), request.answers(), request.systems(), request.links(), begin.encoding()));
        RunRequest endless = request.withSystems(Map.of("a", "x".repeat(PeerMessage.MOST_TEXT + 1)));
        byte[] bytes = PeerCodec.write(new PeerMessage.Begin(1, endless, "f32"));
        assertThrows(IllegalArgumentException.class, () -> PeerCodec.read(bytes));
    }

    @Test
    void aGreetingOfAnotherVersionIsReadAsSuch() {
        byte[] bytes = {0, 0, 0, 0, 9, 42, 42};
        assertEquals(9, ((PeerMessage.Hello) PeerCodec.read(bytes)).version());
    }
}
