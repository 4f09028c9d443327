package io.turnstone.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.turnstone.amqp.Spec;
import io.turnstone.amqp.codec.AnyEncoding.Described;
import io.turnstone.amqp.error.ConnectionError;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Received;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The views of frequent frames")
class HotFramesTest {

    private static final int ROUNDS = 20_000;
    private static final byte[] PAYLOAD = {1, 2, 3};

    private final Random random = new Random(20261122);
    private final AnyEncoding any = new AnyEncoding(random);
    private final PerformativeCodec codec = new PerformativeCodec();
    private final TransferFrame transfer = new TransferFrame();
    private final FlowFrame flow = new FlowFrame(codec);
    private final DispositionFrame disposition = new DispositionFrame(codec);
    private final Frames out = new Frames();

    @Test
    @Spec(section = "1.3.4", says = "fields at the end of a list may be left out")
    void decodeTransfersAsProtonDoes() {
        for (int i = 0; i < ROUNDS; i++) {
            List<Object> fields = new ArrayList<>();
            fields.add(uint());
            fields.add(maybe(uint()));
            fields.add(maybe(bytes(random.nextInt(33))));
            fields.add(maybe(uint()));
            fields.add(maybe(random.nextBoolean()));
            fields.add(maybe(random.nextBoolean()));
            fields.add(maybe(UnsignedByte.valueOf((byte) random.nextInt(2))));
            fields.add(maybe(state()));
            fields.add(maybe(random.nextBoolean()));
            fields.add(maybe(random.nextBoolean()));
            fields.add(maybe(random.nextBoolean()));
            ByteBuffer bytes = withPayload(any.list(0x14, "amqp:transfer:list", fields));
            var expected = (Transfer) Proton.decode(bytes.duplicate());

            assertThat(PerformativeCodec.kind(bytes)).isEqualTo(PerformativeCodec.TRANSFER);
            transfer.decode(bytes);

            assertThat(bytes.remaining()).isEqualTo(PAYLOAD.length);
            assertSame(expected);
        }
    }

    private void assertSame(Transfer expected) {
        assertThat(transfer.handle).isEqualTo(expected.getHandle().intValue());
        assertUint(transfer.hasDeliveryId, transfer.deliveryId, expected.getDeliveryId());
        assertUint(transfer.hasMessageFormat, transfer.messageFormat, expected.getMessageFormat());
        assertThat(transfer.hasTag()).isEqualTo(expected.getDeliveryTag() != null);
        if (expected.getDeliveryTag() != null) {
            assertThat(new Binary(transfer.tag())).isEqualTo(expected.getDeliveryTag());
            assertThat(transfer.tagMatches(transfer.tag())).isTrue();
            assertThat(transfer.tagMatches(new byte[33])).isFalse();
        } else {
            assertThat(transfer.tag()).isEmpty();
            assertThat(transfer.tagMatches(new byte[1])).isTrue();
        }
        assertThat(transfer.settled).isEqualTo(Boolean.TRUE.equals(expected.getSettled()));
        assertThat(transfer.hasSettled).isEqualTo(expected.getSettled() != null);
        assertThat(transfer.more).isEqualTo(expected.getMore());
        ReceiverSettleMode mode = expected.getRcvSettleMode();
        assertThat(transfer.rcvSettleMode)
                .isEqualTo(mode == null ? -1 : mode.getValue().intValue());
        assertThat(transfer.resume).isEqualTo(expected.getResume());
        assertThat(transfer.aborted).isEqualTo(expected.getAborted());
        assertThat(transfer.batchable).isEqualTo(expected.getBatchable());
        assertSameState(transfer.state(), expected.getState());
    }

    @Test
    void decodeFlowsAsProtonDoes() {
        for (int i = 0; i < ROUNDS; i++) {
            List<Object> fields = new ArrayList<>(List.of(uint(), uint(), uint(), uint()));
            fields.set(0, maybe(uint()));
            for (int optional = 0; optional < 4; optional++) {
                fields.add(maybe(uint()));
            }
            fields.add(maybe(random.nextBoolean()));
            fields.add(maybe(random.nextBoolean()));
            fields.add(random.nextInt(5) == 0 ? Map.of(Symbol.valueOf("a"), i) : null);
            ByteBuffer bytes = any.list(0x13, "amqp:flow:list", fields);
            var expected = (Flow) Proton.decode(bytes.duplicate());

            flow.decode(bytes);

            assertThat(bytes.hasRemaining()).isFalse();
            assertSame(expected);
            flow.properties(flow.properties().isEmpty() ? null : flow.properties());
            flow.encode(7, out);
            assertThat(out.channel()).isEqualTo(7);
            assertThat(out.performative()).hasToString(expected.toString());
        }
    }

    private void assertSame(Flow expected) {
        assertUint(flow.hasNextIncomingId, flow.nextIncomingId, expected.getNextIncomingId());
        assertThat(flow.incomingWindow).isEqualTo(expected.getIncomingWindow().longValue());
        assertThat(flow.nextOutgoingId).isEqualTo(expected.getNextOutgoingId().intValue());
        assertThat(flow.outgoingWindow).isEqualTo(expected.getOutgoingWindow().longValue());
        assertUint(flow.hasHandle, flow.handle, expected.getHandle());
        assertUint(flow.hasDeliveryCount, flow.deliveryCount, expected.getDeliveryCount());
        assertUint(flow.hasLinkCredit, (int) flow.linkCredit, expected.getLinkCredit());
        assertUint(flow.hasAvailable, (int) flow.available, expected.getAvailable());
        assertThat(flow.drain).isEqualTo(expected.getDrain());
        assertThat(flow.echo).isEqualTo(expected.getEcho());
        assertThat(flow.properties()).isEqualTo(expected.getProperties() == null ? Map.of() : expected.getProperties());
    }

    @Test
    void decodeAndEncodeDispositionsAsProtonDoes() {
        for (int i = 0; i < ROUNDS; i++) {
            List<Object> fields = new ArrayList<>();
            fields.add(random.nextBoolean());
            fields.add(uint());
            fields.add(maybe(uint()));
            fields.add(maybe(random.nextBoolean()));
            fields.add(maybe(state()));
            fields.add(maybe(random.nextBoolean()));
            ByteBuffer bytes = any.list(0x15, "amqp:disposition:list", fields);
            var expected = (Disposition) Proton.decode(bytes.duplicate());

            disposition.decode(bytes);

            assertThat(bytes.hasRemaining()).isFalse();
            assertSame(expected);
            disposition.encode(
                    65_535,
                    disposition.receiver,
                    disposition.first,
                    disposition.last,
                    disposition.settled,
                    disposition.state(),
                    out);
            assertThat(out.channel()).isEqualTo(65_535);
            assertSame((Disposition) out.performative());
        }
    }

    private void assertSame(Disposition expected) {
        assertThat(disposition.receiver).isEqualTo(expected.getRole() == Role.RECEIVER);
        assertThat(disposition.first).isEqualTo(expected.getFirst().intValue());
        UnsignedInteger last = expected.getLast() == null ? expected.getFirst() : expected.getLast();
        assertThat(disposition.last).isEqualTo(last.intValue());
        assertThat(disposition.settled).isEqualTo(expected.getSettled());
        assertSameState(disposition.state(), expected.getState());
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource({
        "transfer, 005314c00100, 'transfer: field handle is missing'",
        "transfer, 00531445, 'transfer: field handle is missing'",
        "transfer, 005314c0020140, 'transfer: field handle is missing'",
        "transfer, 005314c003014343, 'transfer: its fields do not fill its list'",
        "transfer, 005314c0ff0143, 'transfer: a length of 255 is beyond the 2 bytes that follow'",
        "transfer, 005314d0ffffffff0000000143, 'transfer: a length of 4294967295 is beyond the 5 bytes that follow'",
        "transfer, 005314d000000005ffffffff43, 'transfer: 4294967295 fields are more than fit in the list'",
        "transfer, 005314c002ff43, 'transfer: 255 fields are more than fit in the list'",
        "transfer, 005314c00d0c434040404040404040404040, 'transfer: it has 1 more fields than it may have'",
        "transfer, 005314c00201a1, 'transfer: 0xa1 where a uint must be'",
        "transfer, 005314a10143, 'transfer: 0xa1 where a list must be'",
        "transfer, 0053, 'transfer: it ends too early'",
        "transfer, 005313c00100, 'transfer: it is another performative'",
        "transfer, 005314c026034340a021414141414141414141414141414141414141414141414141414141414141414141, 'transfer: field delivery-tag has 33 bytes, more than 32'",
        "transfer, 005314c009074340404040405002, 'transfer: field rcv-settle-mode 2 must be 0 or 1'",
        "transfer, 005314c00705434040405602, 'transfer: a boolean must be 0 or 1, not 2'",
        "flow, 005313c0050440404343, 'flow: field incoming-window is missing'",
        "flow, 005313c00403404343, 'flow: field outgoing-window is missing'",
        "flow, 005313c0050440434043, 'flow: field next-outgoing-id is missing'",
        "flow, 005313c00c0b4343434340404040404043, 'flow: field properties is not a map'",
        "disposition, 005315c0020140, 'disposition: field role is missing'",
        "disposition, 005315c0020141, 'disposition: field first is missing'",
        "disposition, 005315c006054143404043, 'disposition: a described type is missing'",
        "disposition, 005315c00402415601, 'disposition: 0x56 where a uint must be'",
        "disposition, 005315c010054143404000531dc00601a303613a62, 'disposition: field state is not a delivery state'",
    })
    @Spec(section = "1.3.4", says = "a missing mandatory field is a decode error")
    @Spec(section = "1.3.4", says = "a field of the wrong type is a decode error")
    @Spec(section = "3.5.3", says = "a state that is none of the standard's is a decode error")
    void refuseMalformedFrames(String kind, String hex, String message) {
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex));

        assertThatExceptionOfType(ConnectionError.class)
                .isThrownBy(() -> decode(kind, bytes))
                .withMessageContaining(message)
                .satisfies(error -> assertThat(error.condition().toString()).isEqualTo("amqp:decode-error"));
    }

    @Test
    void throwNothingButConnectionErrorsOnGarbage() {
        for (int i = 0; i < 100_000; i++) {
            List<Object> fields = List.of(uint(), uint(), uint(), uint(), uint());
            String kind = List.of("transfer", "flow", "disposition").get(i % 3);
            int code = kind.equals("transfer") ? 0x14 : kind.equals("flow") ? 0x13 : 0x15;
            ByteBuffer bytes = i % 2 == 0
                    ? any.list(code, "amqp:" + kind + ":list", fields)
                    : any.list(
                            code,
                            "amqp:" + kind + ":list",
                            java.util.Arrays.asList(true, uint(), null, bytes(4), state(), state()));
            ByteBuffer mutated = Mutations.of(random, bytes);
            try {
                decode(kind, mutated);
            } catch (ConnectionError expected) {
                assertThat(expected.condition().toString()).isEqualTo("amqp:decode-error");
            }
        }
    }

    private void decode(String kind, ByteBuffer bytes) {
        switch (kind) {
            case "transfer" -> {
                transfer.decode(bytes);
                transfer.state();
            }
            case "flow" -> {
                flow.decode(bytes);
                flow.properties();
            }
            default -> {
                disposition.decode(bytes);
                disposition.state();
            }
        }
    }

    private Object state() {
        int kind = random.nextInt(9);
        List<Object> fields = new ArrayList<>();
        switch (kind) {
            case 0, 1 -> {
                return new Described(0x24, "amqp:accepted:list", fields);
            }
            case 2 -> {
                return new Described(0x26, "amqp:released:list", fields);
            }
            case 3, 4 -> {
                fields.add(kind == 3 ? null : new Described(0x1d, "amqp:error:list", List.of(Symbol.valueOf("a:b"))));
                return new Described(0x25, "amqp:rejected:list", fields);
            }
            case 5 -> {
                return new Described(
                        0x23,
                        "amqp:received:list",
                        List.of(uint(), org.apache.qpid.proton.amqp.UnsignedLong.valueOf(5)));
            }
            case 6 -> {
                return new Described(0x34, "amqp:transactional-state:list", java.util.Arrays.asList(bytes(4), null));
            }
            default -> {
                fields.add(maybe(random.nextBoolean()));
                fields.add(maybe(random.nextBoolean()));
                fields.add(random.nextInt(3) == 0 ? Map.of(Symbol.valueOf("x-opt-a"), "b") : null);
                return new Described(0x27, "amqp:modified:list", fields);
            }
        }
    }

    private static void assertSameState(DeliveryState state, DeliveryState expected) {
        if (expected instanceof Modified modified) {
            assertThat(state).isInstanceOfSatisfying(Modified.class, ours -> {
                assertThat(Boolean.TRUE.equals(ours.getDeliveryFailed()))
                        .isEqualTo(Boolean.TRUE.equals(modified.getDeliveryFailed()));
                assertThat(Boolean.TRUE.equals(ours.getUndeliverableHere()))
                        .isEqualTo(Boolean.TRUE.equals(modified.getUndeliverableHere()));
                assertThat((Object) ours.getMessageAnnotations()).isEqualTo(modified.getMessageAnnotations());
            });
        } else if (expected instanceof Rejected rejected) {
            assertThat(state)
                    .isInstanceOfSatisfying(
                            Rejected.class, ours -> assertThat(ours.getError()).isEqualTo(rejected.getError()));
        } else if (expected == null) {
            assertThat(state).isNull();
        } else {
            assertThat(state).hasSameClassAs(expected).hasToString(expected.toString());
        }
    }

    @Test
    void shareInstancesOfOutcomesWithoutDetails() {
        var rejected = new Rejected();
        rejected.setError(new ErrorCondition(Symbol.valueOf("a:b"), "why"));
        var received = new Received();
        received.setSectionNumber(UnsignedInteger.ONE);
        received.setSectionOffset(org.apache.qpid.proton.amqp.UnsignedLong.ZERO);
        for (DeliveryState state : List.of(
                Accepted.getInstance(),
                Released.getInstance(),
                StateField.REJECTED,
                StateField.shared(true, false),
                StateField.shared(true, true))) {
            assertThat(roundTrip(state)).isSameAs(state);
        }
        assertThat(((Rejected) roundTrip(rejected)).getError()).isEqualTo(rejected.getError());
        assertThat(roundTrip(received)).hasToString(received.toString());
        assertThat(roundTrip(null)).isNull();
    }

    private DeliveryState roundTrip(DeliveryState state) {
        disposition.encode(0, true, 1, 1, true, state, out);
        disposition.decode(out.body());
        return disposition.state();
    }

    private static void assertUint(boolean present, int value, UnsignedInteger expected) {
        assertThat(present).isEqualTo(expected != null);
        assertThat(value).isEqualTo(expected == null ? 0 : expected.intValue());
    }

    private UnsignedInteger uint() {
        return UnsignedInteger.valueOf(
                switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> random.nextInt(256);
                    default -> random.nextInt();
                });
    }

    private byte[] bytes(int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private Object maybe(Object value) {
        return random.nextInt(3) == 0 ? null : value;
    }

    private static ByteBuffer withPayload(ByteBuffer performative) {
        return ByteBuffer.allocate(performative.remaining() + PAYLOAD.length)
                .put(performative)
                .put(PAYLOAD)
                .flip();
    }
}
