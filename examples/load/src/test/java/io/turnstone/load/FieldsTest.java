package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The field reader")
class FieldsTest {

    private static final int PERFORMATIVE = 8;

    private final Performatives proton = new Performatives();
    private final Fields fields = new Fields();
    private final Random random = new Random(42);

    @Test
    void readsTheTransfersThatProtonWrites() {
        for (int i = 0; i < 1000; i++) {
            var transfer = new Transfer();
            int handle = random.nextInt() >>> random.nextInt(32);
            int deliveryId = random.nextInt() >> random.nextInt(32);
            boolean more = random.nextBoolean();
            transfer.setHandle(UnsignedInteger.valueOf(handle));
            transfer.setDeliveryId(UnsignedInteger.valueOf(deliveryId));
            transfer.setDeliveryTag(new Binary(new byte[random.nextInt(33)]));
            transfer.setMore(more);
            if (random.nextBoolean()) {
                transfer.setState(Accepted.getInstance());
            }
            transfer.setAborted(true);
            byte[] frame = proton.frame(0, transfer);

            assertThat(fields.open(ByteBuffer.wrap(frame), PERFORMATIVE)).isEqualTo(frame.length);
            assertThat(fields.uint(-1)).isEqualTo(handle);
            assertThat(fields.present()).isTrue();
            assertThat(fields.uint(-1)).isEqualTo(deliveryId);
            fields.skip();
            assertThat(fields.uint(-1)).as("message format").isEqualTo(-1);
            assertThat(fields.bool()).as("settled").isFalse();
            assertThat(fields.bool()).isEqualTo(more);
            fields.skip();
            fields.skip();
            fields.skip();
            assertThat(fields.bool()).as("aborted").isTrue();
            assertThat(fields.bool()).as("batchable, absent").isFalse();
        }
    }

    @Test
    void tellsOutcomesApart() {
        var rejected = new Rejected();
        rejected.setError(new ErrorCondition(Symbol.valueOf("amqp:not-found"), "x".repeat(300)));
        var modified = new Modified();
        modified.setMessageAnnotations(Map.of(Symbol.valueOf("x-a"), 1));

        assertThat(outcome(Accepted.getInstance())).isEqualTo(Code.ACCEPTED);
        assertThat(outcome(rejected)).isEqualTo(0x25);
        assertThat(outcome(modified)).isEqualTo(0x27);
        assertThat(outcome(null)).isEqualTo(-1);
    }

    private int outcome(DeliveryState state) {
        var disposition = new Disposition();
        disposition.setRole(Role.RECEIVER);
        disposition.setFirst(UnsignedInteger.ONE);
        disposition.setSettled(true);
        disposition.setState(state);
        fields.open(ByteBuffer.wrap(proton.frame(0, disposition)), PERFORMATIVE);
        assertThat(fields.bool()).isTrue();
        assertThat(fields.uint(0)).isEqualTo(1);
        assertThat(fields.uint(7)).as("last, absent").isEqualTo(7);
        assertThat(fields.bool()).isTrue();
        return fields.outcome();
    }

    @ParameterizedTest(name = "type 0x{0}")
    @ValueSource(strings = {"01", "30", "b0ffffffff", "a1"})
    void refusesWhatIsNoValue(String hex) {
        var in = ByteBuffer.wrap(new java.math.BigInteger("00" + hex, 16).toByteArray());
        int start = in.capacity() - hex.length() / 2;

        assertThatThrownBy(() -> Fields.skip(in, start)).isInstanceOf(RuntimeException.class);
    }
}
