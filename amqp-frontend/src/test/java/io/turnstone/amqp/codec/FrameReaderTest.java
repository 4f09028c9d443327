package io.turnstone.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.turnstone.amqp.Spec;
import io.turnstone.amqp.error.ConnectionError;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A frame reader")
class FrameReaderTest {

    private final List<String> seen = new ArrayList<>();
    private final FrameSink sink = new FrameSink() {
        @Override
        public void frame(int type, int channel, ByteBuffer body) {
            var bytes = new byte[body.remaining()];
            body.get(bytes);
            seen.add(type + ":" + channel + ":" + java.util.HexFormat.of().formatHex(bytes));
        }

        @Override
        public void heartbeat() {
            seen.add("heartbeat");
        }
    };

    @Test
    void findsTheSameFramesHoweverTheBytesAreCut() {
        var random = new Random(1);
        var stream = new ByteArrayOutputStream();
        for (int i = 0; i < 200; i++) {
            stream.writeBytes(frame(2 + random.nextInt(3), random.nextInt(8) == 0 ? 1 : 0, i, 1 + random.nextInt(300)));
            if (random.nextInt(10) == 0) {
                stream.writeBytes(frame(2, 0, 7, 0));
            }
        }
        byte[] all = stream.toByteArray();
        read(new FrameReader(512), ByteBuffer.wrap(all));
        List<String> expected = List.copyOf(seen);

        for (int seed = 0; seed < 50; seed++) {
            seen.clear();
            var cuts = new Random(seed);
            var reader = new FrameReader(512);
            for (int at = 0; at < all.length; ) {
                int length = Math.min(all.length - at, 1 + cuts.nextInt(seed % 5 == 0 ? 3 : 700));
                ByteBuffer piece =
                        ByteBuffer.allocateDirect(length).put(all, at, length).flip();
                read(reader, piece);
                assertThat(piece.hasRemaining()).isFalse();
                at += length;
            }
            assertThat(seen).isEqualTo(expected);
            assertThat(reader.pending()).isZero();
        }
    }

    @Test
    void handsOnAtMostOneFrameAtATime() {
        var two = ByteBuffer.allocate(32)
                .put(frame(2, 0, 1, 4))
                .put(frame(2, 0, 2, 4))
                .flip();
        var reader = new FrameReader(512);

        assertThat(reader.next(two, sink)).isTrue();
        assertThat(seen).hasSize(1);
        assertThat(two.remaining()).isEqualTo(12);
        assertThat(reader.next(two, sink)).isTrue();
        assertThat(reader.next(two, sink)).isFalse();
        assertThat(seen).hasSize(2);
    }

    @Test
    @Spec(section = "Robustness", says = "a length of 4 GiB takes no memory")
    void keepsNoMoreThanWhatHasComeOfAHugeFrame() {
        var reader = new FrameReader(Integer.MAX_VALUE);

        read(
                reader,
                ByteBuffer.allocate(12)
                        .putInt(Integer.MAX_VALUE)
                        .putInt(2 << 24)
                        .putInt(1)
                        .flip());

        assertThat(reader.pending()).isEqualTo(12);
    }

    @Test
    void goesOnAfterASinkThatThrew() {
        var reader = new FrameReader(512);
        byte[] frame = frame(2, 0, 1, 4);
        reader.next(ByteBuffer.wrap(frame, 0, 9), sink);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> reader.next(ByteBuffer.wrap(frame, 9, 3), new FrameSink() {
                    @Override
                    public void frame(int type, int channel, ByteBuffer body) {
                        throw new IllegalStateException();
                    }

                    @Override
                    public void heartbeat() {}
                }));

        read(reader, ByteBuffer.wrap(frame(2, 0, 5, 1)));

        assertThat(seen).hasSize(1);
    }

    @ParameterizedTest(name = "size {0}, data offset {1}, type {2}: {3}")
    @CsvSource({
        "7,           2,   0, frame size 7 must be 8 to 512",
        "0,           2,   0, frame size 0 must be 8 to 512",
        "513,         2,   0, frame size 513 must be 8 to 512",
        "-1,          2,   0, frame size 4294967295 must be 8 to 512",
        "16,          1,   0, data offset 1 must be 2 to 4",
        "16,          0,   0, data offset 0 must be 2 to 4",
        "16,          5,   0, data offset 5 must be 2 to 4",
        "16,          255, 0, data offset 255 must be 2 to 4",
        "16,          2,   2, frame type 2 must be 0 (AMQP) or 1 (SASL)",
        "16,          2,   255, frame type 255 must be 0 (AMQP) or 1 (SASL)",
        "8,           2,   1, a SASL frame must not be empty",
    })
    @Spec(section = "2.3.1", says = "a frame of less than 8 bytes is a framing error")
    @Spec(section = "2.3.1", says = "a data offset of less than 2 is a framing error")
    @Spec(section = "2.3.1", says = "a frame of an unknown type is a framing error")
    void refusesAWrongFrameHeader(int size, int offset, int type, String message) {
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .putInt(size)
                .put((byte) offset)
                .put((byte) type)
                .clear();

        for (int split : new int[] {16, 5}) {
            var reader = new FrameReader(512);
            assertThatExceptionOfType(ConnectionError.class)
                    .isThrownBy(() -> {
                        read(reader, bytes.duplicate().limit(split));
                        read(reader, bytes.duplicate().position(split));
                    })
                    .withMessageContaining(message)
                    .satisfies(error ->
                            assertThat(error.condition().toString()).isEqualTo("amqp:connection:framing-error"));
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "414d515000010000, AMQP",
        "414d515003010000, SASL",
        "414d515002010000, TLS",
        "414d515000000901, AMQP_0_9_1",
        "414d515001010000, OTHER_AMQP",
        "414d51500101000a, OTHER_AMQP",
        "1603010200010001, CLIENT_HELLO",
        "474554202f204854, HTTP",
        "505249202a204854, HTTP",
        "5353482d322e302d, UNKNOWN",
    })
    void recognisesProtocolHeaders(String hex, ProtocolHeader expected) {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex);

        for (int split = 0; split <= 8; split++) {
            var reader = new FrameReader(512);
            ByteBuffer rest = ByteBuffer.allocate(20)
                    .put(bytes, split, 8 - split)
                    .put(frame(2, 0, 3, 1))
                    .flip();
            ProtocolHeader found = reader.header(ByteBuffer.wrap(bytes, 0, split));
            assertThat(found == null ? reader.header(rest) : found).isEqualTo(expected);
            seen.clear();
            read(reader, rest);
            assertThat(seen).containsExactly("0:3:00");
        }
    }

    @Test
    void writesTheHeadersItRecognises() {
        for (ProtocolHeader header : List.of(ProtocolHeader.AMQP, ProtocolHeader.TLS, ProtocolHeader.SASL)) {
            ByteBuffer bytes = ByteBuffer.allocate(8);
            header.write(bytes);
            assertThat(ProtocolHeader.read(bytes.flip())).isEqualTo(header);
        }
    }

    private void read(FrameReader reader, ByteBuffer bytes) {
        while (reader.next(bytes, sink)) {
            assertThat(reader.pending()).isZero();
        }
    }

    private static byte[] frame(int offset, int type, int channel, int bodySize) {
        int length = bodySize == 0 ? 0 : bodySize;
        ByteBuffer frame = ByteBuffer.allocate(offset * 4 + length);
        frame.putInt(frame.capacity()).put((byte) offset).put((byte) type).putShort((short) channel);
        frame.position(offset * 4);
        for (int i = 0; i < length; i++) {
            frame.put((byte) i);
        }
        return frame.array();
    }
}
