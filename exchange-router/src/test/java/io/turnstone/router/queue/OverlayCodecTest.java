package io.turnstone.router.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.Death;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.QueueSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An encoded overlay")
class OverlayCodecTest {

    private static final long NOW = 1_790_000_000_000L;

    private static final Overlay FULL = new Overlay(
            "orders",
            "order.eu.größe",
            NOW,
            NOW + 60_000,
            NOW + 5,
            3,
            4,
            List.of(
                    new Death("a", DeathReason.REJECTED, 2, NOW - 9, NOW, "x", List.of("k", "l"), "no price"),
                    new Death("b", DeathReason.MAXLEN, 1, NOW, NOW, "", List.of(), null)),
            Map.of(
                    "x-text",
                    "t",
                    "x-int",
                    -5,
                    "x-long",
                    Long.MIN_VALUE,
                    "x-double",
                    0.1,
                    "x-uuid",
                    new UUID(1, -1),
                    "x-list",
                    List.of(true, (byte) 1, (short) 2, 'c', 1.5f),
                    "x-map",
                    Map.of("k", List.of())),
            Overlay.UNKNOWN);

    @Test
    void isReadBackAsItWas() {
        assertEquals(FULL, OverlayCodec.decode(OverlayCodec.encode(FULL), 1));
    }

    @Test
    void takesFewBytesForAPlainArrival() {
        var plain = Overlay.arrival("", "", NOW, Message.NONE);

        assertEquals(8, OverlayCodec.encode(plain).length);
        assertEquals(plain, OverlayCodec.decode(OverlayCodec.encode(plain), 1));
    }

    @Test
    void keepsBytesAsTheyAre() {
        var overlay = FULL.returned(0, 0, 0, Map.of("x-bytes", new byte[] {1, -1}));

        Object bytes = OverlayCodec.decode(OverlayCodec.encode(overlay), 1)
                .annotations()
                .get("x-bytes");

        assertArrayEquals(new byte[] {1, -1}, (byte[]) bytes);
    }

    @Test
    void writesWhatItDoesNotKnowAsText() {
        var overlay = FULL.returned(0, 0, 0, Map.of("x-other", java.net.URI.create("words")));

        assertEquals(
                "words",
                OverlayCodec.decode(OverlayCodec.encode(overlay), 1)
                        .annotations()
                        .get("x-other"));
    }

    @Test
    void hasTheExpiryOfEachQueueItEnters() {
        var queues = Queues.simple();
        MessageQueue one = queues.queue(QueueSpec.named("one").ttlMs(100).build());
        MessageQueue two = queues.queue(QueueSpec.named("two").ttlMs(5000).build());
        MessageQueue three = queues.queue(QueueSpec.named("three").build());
        var arrival = Overlay.arrival("x", "k", NOW, NOW + 1000);
        byte[] bytes = OverlayCodec.encode(arrival, List.of(one, two, three));

        assertEquals(NOW + 100, OverlayCodec.decode(bytes, one.id()).expiresAtMs());
        assertEquals(NOW + 1000, OverlayCodec.decode(bytes, two.id()).expiresAtMs());
        assertEquals(NOW + 1000, OverlayCodec.decode(bytes, three.id()).expiresAtMs());
        byte[] alone = OverlayCodec.encode(arrival, List.of(one));
        assertEquals(NOW + 100, OverlayCodec.decode(alone, 99).expiresAtMs());
    }

    @Test
    void isRefusedWhenItIsCutOrChanged() {
        byte[] bytes = OverlayCodec.encode(FULL);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(IllegalArgumentException.class, () -> OverlayCodec.decode(cut, 1));
        }
        var random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] changed = bytes.clone();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            try {
                OverlayCodec.decode(changed, 1);
            } catch (IllegalArgumentException expected) {
                refused++;
            }
        }
        assertTrue(refused > 0);
    }
}
