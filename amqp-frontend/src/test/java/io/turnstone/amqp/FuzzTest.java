package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.codec.ProtocolHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a peer sends: no exception leaves the connection, and in the end nothing of it is left in the core. */
@DisplayName("A connection survives")
class FuzzTest {

    private static final int SESSIONS = 400;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void mutatedSessions(long seed) {
        var random = new Random(seed);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int i = 0; i < SESSIONS; i++) {
                var peer = new ScriptedPeer();
                byte[] bytes = joined(script(peer, random));
                for (int flips = random.nextInt(6); flips >= 0; flips--) {
                    bytes[16 + random.nextInt(bytes.length - 16)] = (byte) random.nextInt(256);
                }
                run(peer, bytes, random, seed, i);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void truncatedAndRepeatedFrames(long seed) {
        var random = new Random(seed);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int i = 0; i < SESSIONS; i++) {
                var peer = new ScriptedPeer();
                List<byte[]> frames = script(peer, random);
                for (int changes = random.nextInt(4); changes >= 0; changes--) {
                    int at = 2 + random.nextInt(frames.size() - 2);
                    byte[] frame = frames.get(at);
                    switch (random.nextInt(4)) {
                        case 0 -> frames.set(at, Arrays.copyOf(frame, random.nextInt(frame.length + 1)));
                        case 1 -> frames.add(at, frame);
                        case 2 -> frames.set(at, frames.get(2 + random.nextInt(frames.size() - 2)));
                        default -> frames.add(at, noise(random));
                    }
                }
                run(peer, joined(frames), random, seed, i);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void wellFormedFramesInAnyOrder(long seed) {
        var random = new Random(seed);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int i = 0; i < SESSIONS; i++) {
                var peer = new ScriptedPeer();
                peer.router.slow = random.nextBoolean();
                List<byte[]> frames = script(peer, random);
                List<byte[]> shuffled = new ArrayList<>(frames.subList(0, 3));
                for (int n = 0; n < 60; n++) {
                    shuffled.add(frames.get(3 + random.nextInt(frames.size() - 3)));
                }
                run(peer, joined(shuffled), random, seed, i);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32})
    void noise(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < SESSIONS; i++) {
            var peer = new ScriptedPeer();
            var bytes = new byte[random.nextInt(2_000)];
            random.nextBytes(bytes);
            run(peer, bytes, random, seed, i);
        }
    }

    private static void run(ScriptedPeer peer, byte[] bytes, Random random, long seed, int round) {
        assertDoesNotThrow(
                () -> {
                    int at = 0;
                    while (at < bytes.length && !peer.channel.closed()) {
                        int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 20 : 5_000));
                        peer.raw(ByteBuffer.wrap(bytes, at, length).slice());
                        at += length;
                        if (random.nextInt(10) == 0) {
                            peer.loop.advance(20);
                        }
                    }
                    peer.lost();
                    peer.loop.advance(10_000);
                },
                () -> "seed " + seed + " round " + round);
        var said = new String(peer.channel.take().array(), StandardCharsets.ISO_8859_1);
        assertFalse(said.contains("amqp:internal-error"), () -> "seed " + seed + " round " + round + " met a defect");
        assertTrue(
                peer.router.publishers.stream().allMatch(publisher -> publisher.closed),
                () -> "seed " + seed + " round " + round + " left a publisher open");
        assertTrue(
                peer.router.consumers.stream().allMatch(consumer -> consumer.closed),
                () -> "seed " + seed + " round " + round + " left a consumer open");
    }

    /** A session with a bit of everything: two headers, an open, then the rest. */
    private static List<byte[]> script(ScriptedPeer peer, Random random) {
        var frames = new ArrayList<byte[]>();
        boolean sasl = random.nextBoolean();
        if (sasl) {
            frames.add(header(ProtocolHeader.SASL));
            var init = new SaslInit();
            init.setMechanism(Symbol.valueOf("PLAIN"));
            init.setInitialResponse(new Binary(ScriptedPeer.ascii("\0guest\0guest")));
            frames.add(bytes(peer.frame(1, 0, init)));
            frames.add(joined(List.of(header(ProtocolHeader.AMQP), bytes(peer.frame(0, 0, peer.open("peer"))))));
        } else {
            frames.add(header(ProtocolHeader.AMQP));
            frames.add(bytes(peer.frame(0, 0, peer.open("peer"))));
            frames.add(new byte[] {0, 0, 0, 8, 2, 0, 0, 0});
        }
        add(frames, peer, peer.begin());
        add(frames, peer, peer.attach("out", 0, Role.SENDER, "q"));
        add(frames, peer, peer.attach("in", 1, Role.RECEIVER, "q"));
        add(frames, peer, peer.attach("missing", 2, Role.RECEIVER, "missing"));
        var dynamic = peer.attach("dynamic", 3, Role.RECEIVER, null);
        ((Source) dynamic.getSource()).setDynamic(true);
        add(frames, peer, dynamic);
        var credit = peer.flow(0, 50);
        credit.setHandle(UnsignedInteger.ONE);
        credit.setDrain(random.nextBoolean());
        credit.setEcho(random.nextBoolean());
        add(frames, peer, credit);
        for (int i = 0; i < 10; i++) {
            var transfer = ScriptedPeer.transfer(i, random.nextInt(3) == 0);
            transfer.setMore(random.nextInt(4) == 0);
            add(frames, peer, transfer, peer.message("m".repeat(random.nextInt(300))));
        }
        add(frames, peer, ScriptedPeer.disposition(0, 2, true, Accepted.getInstance()));
        add(frames, peer, ScriptedPeer.disposition(3, 100, random.nextBoolean(), new Modified()));
        add(frames, peer, ScriptedPeer.disposition(0, -1, true, null));
        add(frames, peer, peer.sessionFlow(random.nextInt(3), 100));
        add(frames, peer, ScriptedPeer.detach(0, true));
        add(frames, peer, ScriptedPeer.detach(1, random.nextBoolean()));
        add(frames, peer, new End());
        add(frames, peer, new Close());
        return frames;
    }

    private static void add(List<byte[]> frames, ScriptedPeer peer, FrameBody body, byte... payload) {
        frames.add(bytes(peer.frame(0, 0, body, payload)));
    }

    private static byte[] header(ProtocolHeader header) {
        ByteBuffer bytes = ByteBuffer.allocate(ProtocolHeader.LENGTH);
        header.write(bytes);
        return bytes.array();
    }

    /** A frame with a right header and anything inside. */
    private static byte[] noise(Random random) {
        var frame = new byte[8 + random.nextInt(200)];
        random.nextBytes(frame);
        ByteBuffer.wrap(frame).putInt(frame.length).put((byte) 2).put((byte) 0).putShort((short) 0);
        if (frame.length > 11) {
            frame[8] = 0;
            frame[9] = 0x53;
            frame[10] = (byte) (0x10 + random.nextInt(9));
        }
        return frame;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] joined(List<byte[]> pieces) {
        ByteBuffer joined = ByteBuffer.allocate(
                pieces.stream().mapToInt(piece -> piece.length).sum());
        pieces.forEach(joined::put);
        return joined.array();
    }
}
