package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A message template")
class MessageTemplateTest {

    private static final int DELIVERY_ID = 70_000;

    private final Performatives proton = new Performatives();

    @ParameterizedTest(name = "{0} B, durable {1}, settled {2}, frames of {3}: {4}")
    @CsvSource({
        "32,    false, true,  512,    1",
        "255,   true,  false, 131072, 1",
        "256,   true,  true,  131072, 1",
        "1024,  false, false, 512,    3",
        "50000, true,  false, 512,    112",
    })
    void isTheMessageThatProtonReads(int size, boolean durable, boolean settled, int maxFrame, int frames) {
        var template = new MessageTemplate(Plan.Messages.plain(size, durable, settled, 1, false), 0, 300, maxFrame);
        template.stamp(DELIVERY_ID, 11, 12, 13, 14, 15);

        assertThat(template.frames()).isEqualTo(frames);
        var payload = new ByteArrayOutputStream();
        for (int i = 0; i < frames; i++) {
            payload.writeBytes(payload(template, i, settled, maxFrame));
        }
        checkMessage(payload.toByteArray(), size, durable);
    }

    private byte[] payload(MessageTemplate template, int frame, boolean settled, int maxFrame) {
        ByteBuffer out = ByteBuffer.allocate(template.frameBytes(frame));
        template.copy(frame, out);
        assertThat(out.remaining()).isZero();
        assertThat(out.getInt(0)).isEqualTo(out.capacity()).isLessThanOrEqualTo(maxFrame);
        var transfer = (Transfer) proton.read(out.position(8));
        assertThat(transfer.getHandle().intValue()).isEqualTo(300);
        assertThat(transfer.getSettled()).isEqualTo(settled);
        assertThat(transfer.getMore()).isEqualTo(frame < template.frames() - 1);
        if (frame == 0) {
            assertThat(transfer.getDeliveryId().intValue()).isEqualTo(DELIVERY_ID);
            assertThat(transfer.getDeliveryTag().getLength()).isEqualTo(4);
        }
        return Arrays.copyOfRange(out.array(), out.position(), out.capacity());
    }

    private static void checkMessage(byte[] payload, int size, boolean durable) {
        Message message = Proton.message();
        message.decode(payload, 0, payload.length);
        assertThat(message.isDurable()).isEqualTo(durable);
        byte[] body = ((Data) message.getBody()).getValue().getArray();
        assertThat(body).hasSize(size);
        assertThat(Arrays.copyOfRange(body, Stamp.BYTES, size))
                .isEqualTo(Arrays.copyOfRange(Stamp.fill(size), Stamp.BYTES, size));

        ByteBuffer in = ByteBuffer.wrap(payload);
        int stamp = Stamp.find(in, 0, payload.length);
        assertThat(stamp).isEqualTo(payload.length - size);
        assertThat(in.getLong(stamp + Stamp.RUN)).isEqualTo(11);
        assertThat(in.getInt(stamp + Stamp.PRODUCER)).isEqualTo(12);
        assertThat(in.getInt(stamp + Stamp.PHASE)).isEqualTo(13);
        assertThat(in.getLong(stamp + Stamp.SEQUENCE)).isEqualTo(14);
        assertThat(in.getLong(stamp + Stamp.DUE)).isEqualTo(15);
    }

    @Test
    void putsPriorityTtlAndKeysIntoEachMessage() {
        var envelope = new Plan.Envelope(10, 60_000, 1000, "/exchanges/x/a.%k", "s.%k.t");
        var template = new MessageTemplate(new Plan.Messages(32, true, true, true, 1, false, envelope), 0, 300, 512);

        Message first = message(template, 7);
        Message later = message(template, 2_013);

        assertThat(first.getPriority()).isEqualTo((short) 7);
        assertThat(first.getTtl()).isEqualTo(60_000);
        assertThat(first.getAddress()).isEqualTo("/exchanges/x/a.007");
        assertThat(later.getPriority()).isEqualTo((short) 3);
        assertThat(later.getAddress()).isEqualTo("/exchanges/x/a.013");
        assertThat(later.getSubject()).isEqualTo("s.013.t");
    }

    private Message message(MessageTemplate template, long sequence) {
        template.stamp(DELIVERY_ID, 11, 12, 13, sequence, 15);
        byte[] payload = payload(template, 0, true, 512);
        Message message = Proton.message();
        message.decode(payload, 0, payload.length);
        return message;
    }
}
