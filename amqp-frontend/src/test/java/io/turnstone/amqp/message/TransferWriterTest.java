package io.turnstone.amqp.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.amqp.codec.Frames;
import io.turnstone.amqp.codec.Proton;
import io.turnstone.api.Death;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Delivery;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A transfer writer")
class TransferWriterTest {

    private static final byte[] TAG = {1, 2, 3, 4};
    private static final Overlay PLAIN = Overlay.arrival("", "q", 0, Message.NONE);

    private final TransferWriter writer = new TransferWriter();
    private final Frames out = new Frames();

    @Test
    void writesMessagesInFramesThePeerTakes() {
        for (int seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            AmqpMessage message = Messages.read(Messages.encode(Messages.random(random)));
            var overlay = Sample.overlay(random.nextBoolean() ? "" : "ex", 50, random.nextInt(3), List.of(), Map.of());
            int maxFrameSize = random.nextInt(4) == 0 ? 65_536 : 512 + random.nextInt(300);
            var tag = new byte[1 + random.nextInt(32)];

            writer.begin(seed, tag, seed % 2 == 0, new Sample(message, overlay, true), Map.of(), 0, null);
            int frames = 0;
            while (!writer.complete()) {
                frames += writer.write(seed, 300, maxFrameSize, 1 + random.nextInt(2), out);
            }

            assertThat(joined(frames, maxFrameSize, seed, tag)).hasSize((int) writer.size());
        }
    }

    private byte[] joined(int frames, int maxFrameSize, int deliveryId, byte[] tag) {
        ByteBuffer bytes = out.take();
        var payload = new ByteArrayOutputStream();
        for (int i = 0; i < frames; i++) {
            int size = bytes.getInt(bytes.position());
            assertThat(size).isLessThanOrEqualTo(maxFrameSize);
            ByteBuffer frame = bytes.slice(bytes.position(), size).position(8);
            var transfer = (Transfer) Proton.decode(frame);
            assertThat(transfer.getMore()).isEqualTo(i < frames - 1);
            assertThat(transfer.getHandle()).isEqualTo(UnsignedInteger.valueOf(300));
            assertThat(transfer.getDeliveryId()).isEqualTo(i == 0 ? UnsignedInteger.valueOf(deliveryId) : null);
            assertThat(transfer.getDeliveryTag()).isEqualTo(i == 0 ? new Binary(tag) : null);
            assertThat(transfer.getMessageFormat()).isEqualTo(i == 0 ? UnsignedInteger.ZERO : null);
            assertThat(transfer.getSettled()).isEqualTo(i == 0 ? Boolean.valueOf(deliveryId % 2 == 0) : null);
            // All but the last frame are full.
            assertThat(i == frames - 1 || size == maxFrameSize).isTrue();
            payload.write(frame.array(), frame.arrayOffset() + frame.position(), frame.remaining());
            bytes.position(bytes.position() + size);
        }
        assertThat(bytes.hasRemaining()).isFalse();
        return payload.toByteArray();
    }

    @Test
    @Spec(section = "3.2", says = "the bare message is the same to the last byte")
    void leavesABareMessageAloneToTheLastByte() {
        for (int seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            byte[] encoded = Messages.encode(Messages.random(random));
            AmqpMessage message = Messages.read(encoded);
            boolean routed = random.nextBoolean();
            var overlay = Sample.overlay(routed ? "ex" : "", Message.NONE, 0, List.of(), Map.of());

            byte[] sent = send(new Sample(message, overlay, true));

            int keptFrom = routed ? message.bareAt() : message.annotationsAt();
            assertThat(Arrays.copyOfRange(sent, sent.length - (encoded.length - keptFrom), sent.length))
                    .isEqualTo(Arrays.copyOfRange(encoded, keptFrom, encoded.length));
        }
    }

    @Test
    void sendsAMessageWithNothingNewAsItCame() {
        var source = org.apache.qpid.proton.message.Message.Factory.create();
        var header = new Header();
        header.setDurable(true);
        header.setFirstAcquirer(true);
        source.setHeader(header);
        source.setMessageAnnotations(new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-a"), 1)));
        source.setBody(new Data(new Binary(new byte[10])));
        byte[] encoded = Messages.encode(source);

        assertThat(send(new Sample(Messages.read(encoded), PLAIN, true))).isEqualTo(encoded);
        assertThat(send(new Sample(Messages.read(encoded), PLAIN, false))).isNotEqualTo(encoded);
    }

    @Test
    @Spec(section = "3.2.1", says = "ttl counts down in the broker and is rewritten")
    @Spec(section = "3.2.1", says = "delivery-count tells the attempts that failed")
    void rewritesTheHeader() {
        for (int seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            var source = Messages.random(random);
            AmqpMessage message = Messages.read(Messages.encode(source));
            int failed = random.nextInt(3);
            boolean first = random.nextBoolean();
            long now = 1_000_000;
            boolean expires = random.nextBoolean();
            var overlay = Sample.overlay("", expires ? now + 500 : Message.NONE, failed, List.of(), Map.of());

            Header header = decode(send(new Sample(message, overlay, first), Map.of(), now))
                    .getHeader();

            Header sent = header == null ? new Header() : header;
            assertThat(Boolean.TRUE.equals(sent.getDurable())).isEqualTo(message.durable());
            assertThat(sent.getPriority())
                    .isEqualTo(
                            source.getHeader() == null
                                    ? null
                                    : source.getHeader().getPriority());
            assertThat(Boolean.TRUE.equals(sent.getFirstAcquirer())).isEqualTo(first);
            assertThat(
                            sent.getDeliveryCount() == null
                                    ? 0
                                    : sent.getDeliveryCount().intValue())
                    .isEqualTo(message.priorDeliveries() + failed);
            assertThat(sent.getTtl())
                    .isEqualTo(
                            expires && message.ttlMs() >= 0
                                    ? UnsignedInteger.valueOf(Math.min(500, message.ttlMs()))
                                    : null);
        }
    }

    @Test
    void saysZeroForATimeToLiveThatHasPassed() {
        var source = org.apache.qpid.proton.message.Message.Factory.create();
        source.setTtl(1000);
        AmqpMessage message = Messages.read(Messages.encode(source));

        var sent =
                decode(send(new Sample(message, Sample.overlay("", 700, 0, List.of(), Map.of()), true), Map.of(), 900));

        assertThat(sent.getHeader().getTtl()).isEqualTo(UnsignedInteger.ZERO);
    }

    @Test
    @Spec(section = "3.2.2", says = "delivery annotations end at the next hop")
    @Spec(section = "3.2.3", says = "message annotations travel with the message")
    @Spec(section = "3.2.10", says = "annotations that nobody knows are passed on")
    void mergesAnnotations() {
        for (int seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            var source = Messages.random(random);
            AmqpMessage message = Messages.read(Messages.encode(source));
            var overlay = Sample.overlay(
                    random.nextBoolean() ? "" : "ex",
                    Message.NONE,
                    0,
                    List.of(),
                    random.nextBoolean() ? Map.of() : Map.of("x-opt-1", "consumer", "x-opt-n", 3L));
            Map<String, Object> added = random.nextInt(3) == 0 ? Map.of("x-opt-2", "interceptor") : Map.of();

            var sent = decode(send(new Sample(message, overlay, true), added, 0));

            var expected = new HashMap<Symbol, Object>();
            if (source.getMessageAnnotations() != null) {
                expected.putAll(source.getMessageAnnotations().getValue());
            }
            overlay.annotations().forEach((name, value) -> expected.put(Symbol.valueOf(name), value));
            added.forEach((name, value) -> expected.put(Symbol.valueOf(name), value));
            if (!overlay.exchange().isEmpty()) {
                expected.put(Symbol.valueOf("x-exchange"), "ex");
                expected.put(Symbol.valueOf("x-routing-key"), "key");
            }
            assertThat(
                            sent.getMessageAnnotations() == null
                                    ? Map.of()
                                    : sent.getMessageAnnotations().getValue())
                    .isEqualTo(expected);
            assertThat(sent.getDeliveryAnnotations() == null
                            || !overlay.exchange().isEmpty()
                            || !overlay.annotations().isEmpty()
                            || !added.isEmpty())
                    .isTrue();
            assertThat(sent.getDeliveryAnnotations()).isNull();
        }
    }

    @Test
    @SuppressWarnings({"JavaUtilDate", "unchecked"})
    void tellsHowAMessageDied() {
        var source = org.apache.qpid.proton.message.Message.Factory.create();
        source.setMessageId(UnsignedLong.valueOf(7));
        var last = new Death("q2", DeathReason.EXPIRED, 2, 300, 400, "", List.of("q2"), null);
        var first = new Death("q1", DeathReason.REJECTED, 1, 100, 100, "ex", List.of("a", "b"), "bad");
        var overlay = Sample.overlay("ex", Message.NONE, 0, List.of(last, first), Map.of());

        var sent = decode(send(new Sample(Messages.read(Messages.encode(source)), overlay, true)));

        Map<Symbol, Object> annotations = sent.getMessageAnnotations().getValue();
        assertThat(annotations)
                .containsEntry(Symbol.valueOf("x-first-death-queue"), "q1")
                .containsEntry(Symbol.valueOf("x-first-death-reason"), "rejected")
                .containsEntry(Symbol.valueOf("x-first-death-exchange"), "ex")
                .containsEntry(Symbol.valueOf("x-last-death-queue"), "q2")
                .containsEntry(Symbol.valueOf("x-last-death-reason"), "expired")
                .containsEntry(Symbol.valueOf("x-last-death-exchange"), "")
                .containsEntry(Symbol.valueOf("x-opt-ORIG-ADDRESS"), "q2")
                .containsEntry(Symbol.valueOf("x-opt-ORIG-QUEUE"), "q2")
                .containsEntry(Symbol.valueOf("x-opt-ORIG-MESSAGE-ID"), UnsignedLong.valueOf(7))
                .containsEntry(Symbol.valueOf("x-opt-ACTUAL-EXPIRY"), 400L)
                .containsEntry(Symbol.valueOf("x-opt-turnstone-DeadLetterReason"), "expired")
                .doesNotContainKey(Symbol.valueOf("x-opt-turnstone-DeadLetterErrorDescription"));
        var deaths = (Object[]) annotations.get(Symbol.valueOf("x-opt-deaths"));
        assertThat(deaths).hasSize(2);
        assertThat((Map<Symbol, Object>) deaths[1])
                .containsEntry(Symbol.valueOf("queue"), "q1")
                .containsEntry(Symbol.valueOf("reason"), Symbol.valueOf("rejected"))
                .containsEntry(Symbol.valueOf("count"), UnsignedLong.valueOf(1))
                .containsEntry(Symbol.valueOf("first-time"), new java.util.Date(100))
                .containsEntry(Symbol.valueOf("last-time"), new java.util.Date(100))
                .containsEntry(Symbol.valueOf("exchange"), "ex")
                .containsEntry(Symbol.valueOf("routing-keys"), new String[] {"a", "b"});
        assertThat((Map<Symbol, Object>) deaths[0]).containsEntry(Symbol.valueOf("count"), UnsignedLong.valueOf(2));

        var rejected = Sample.overlay("ex", Message.NONE, 0, List.of(first), Map.of());
        var again = decode(send(new Sample(Messages.read(Messages.encode(source)), rejected, true)));
        assertThat(again.getMessageAnnotations().getValue())
                .containsEntry(Symbol.valueOf("x-opt-ORIG-ADDRESS"), "ex")
                .containsEntry(Symbol.valueOf("x-opt-turnstone-DeadLetterErrorDescription"), "bad")
                .doesNotContainKey(Symbol.valueOf("x-opt-ACTUAL-EXPIRY"));
    }

    @Test
    void writesAnyAnnotationValue() {
        var values = new HashMap<String, Object>();
        values.put("x-opt-bytes", new byte[] {1});
        values.put("x-opt-list", List.of("a", 1, Map.of("k", true)));
        values.put("x-opt-odd", new java.math.BigDecimal("1.5"));
        values.put("x-opt-long-text", "ä".repeat(3000));

        AmqpMessage message = Messages.read(new byte[0]);
        var sent = decode(send(new Sample(message), values, 0));

        assertThat(sent.getMessageAnnotations().getValue())
                .containsEntry(Symbol.valueOf("x-opt-bytes"), new Binary(new byte[] {1}))
                .containsEntry(Symbol.valueOf("x-opt-list"), List.of("a", 1, Map.of("k", true)))
                .containsEntry(Symbol.valueOf("x-opt-odd"), "1.5")
                .containsEntry(Symbol.valueOf("x-opt-long-text"), "ä".repeat(3000));
        assertThat(send(new Sample(message))).hasSizeLessThan(20);
    }

    @Test
    void stopsInTheMiddleAndAborts() {
        var source = org.apache.qpid.proton.message.Message.Factory.create();
        source.setBody(new Data(new Binary(new byte[2000])));
        AmqpMessage message = Messages.read(Messages.encode(source));
        writer.begin(1, TAG, false, new Sample(message), Map.of(), 0, null);
        assertThat(writer.write(0, 5, 512, 2, out)).isEqualTo(2);
        assertThat(writer.complete()).isFalse();
        out.take();

        writer.abort(0, 5, out);

        assertThat(writer.complete()).isTrue();
        var aborted = (Transfer) out.performative();
        assertThat(aborted.getAborted()).isTrue();
        assertThat(aborted.getHandle()).isEqualTo(UnsignedInteger.valueOf(5));
        writer.begin(2, TAG, false, new Sample(message), Map.of(), 0, null);
        writer.abort(0, 5, out);
        assertThat(out.take().hasRemaining()).isFalse();
    }

    private byte[] send(Delivery delivery) {
        return send(delivery, Map.of(), 0);
    }

    private byte[] send(Delivery delivery, Map<String, Object> added, long nowMs) {
        writer.begin(1, TAG, true, delivery, added, nowMs, null);
        assertThat(writer.write(0, 0, 1 << 20, 1, out)).isEqualTo(1);
        ByteBuffer body = out.body();
        Proton.decode(body);
        return Arrays.copyOfRange(body.array(), body.arrayOffset() + body.position(), body.limit());
    }

    private static org.apache.qpid.proton.message.Message decode(byte[] encoded) {
        var message = org.apache.qpid.proton.message.Message.Factory.create();
        message.decode(encoded, 0, encoded.length);
        return message;
    }
}
