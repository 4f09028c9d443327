package io.turnstone.amqp.codec;

import static io.turnstone.fuzz.Wire.uint;

import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.api.Choices;
import io.turnstone.fuzz.Wire;
import io.turnstone.fuzz.Wire.Described;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of frames: our codec refuses them in its own words or reads what Proton-J reads, to the last field; what it
 * refuses Proton-J may take.
 */
public final class CodecFuzz {

    private static final int BATCH = 16;

    private CodecFuzz() {}

    /** Some bodies, as they are or made of choices. */
    public static void fuzzerTestOneInput(byte[] input) {
        var choices = new Choices(input);
        if (choices.nextBoolean()) {
            check(Arrays.copyOfRange(input, 1, input.length));
        }
        var wire = new Wire(choices, choices.of(0, 100, 20, 5));
        for (int i = 0; i < BATCH && !choices.exhausted(); i++) {
            byte[] body = wire.values(body(choices));
            check(choices.oneIn(4) ? Arrays.copyOf(body, choices.nextInt(body.length + 1)) : body);
        }
    }

    private static Described body(Choices choices) {
        return switch (choices.nextInt(4)) {
            case 0 ->
                Described.list(
                        0x14,
                        uint(choices.nextInt()),
                        choices.of(null, uint(choices.nextInt())),
                        choices.of(null, new byte[choices.nextInt(34)]),
                        choices.of(null, uint(0)),
                        choices.of(null, true, false),
                        choices.of(null, true, false),
                        choices.of(null, UnsignedByte.valueOf((byte) choices.nextInt(3))),
                        state(choices),
                        choices.of(null, true),
                        choices.of(null, true),
                        choices.of(null, true));
            case 1 ->
                Described.list(
                        0x13,
                        choices.of(null, uint(choices.nextInt())),
                        uint(choices.nextInt()),
                        uint(choices.nextInt()),
                        uint(choices.nextInt()),
                        choices.of(null, uint(choices.nextInt())),
                        choices.of(null, uint(choices.nextInt())),
                        choices.of(null, uint(choices.nextInt())),
                        choices.of(null, uint(choices.nextInt())),
                        choices.of(null, true, false),
                        choices.of(null, true, false),
                        choices.of(null, Map.of(Symbol.valueOf("a"), 5)));
            case 2 ->
                Described.list(
                        0x15,
                        choices.nextBoolean(),
                        uint(choices.nextInt()),
                        choices.of(null, uint(choices.nextInt())),
                        choices.of(null, true, false),
                        state(choices),
                        choices.of(null, true));
            default -> Described.list(choices.of(0x10, 0x11, 0x12, 0x16, 0x17, 0x18), "a", uint(1), true, null, "b");
        };
    }

    private static @Nullable Object state(Choices choices) {
        return switch (choices.nextInt(7)) {
            case 0 -> null;
            case 1 -> Described.list(0x24);
            case 2 -> Described.list(0x25, choices.of(null, Described.list(0x1d, Symbol.valueOf("a:b"), "why")));
            case 3 -> Described.list(0x26);
            case 4 -> Described.list(0x27, choices.nextBoolean(), choices.nextBoolean(), choices.of(null, Map.of()));
            case 5 -> Described.list(0x34, new byte[choices.nextInt(5)], Described.list(0x24));
            default -> Described.list(0x23, uint(choices.nextInt()), choices.of(null, uint(1)));
        };
    }

    private static void check(byte... body) {
        var codec = new PerformativeCodec();
        ByteBuffer bytes = ByteBuffer.wrap(body);
        try {
            switch (PerformativeCodec.kind(bytes)) {
                case PerformativeCodec.TRANSFER -> transfer(bytes);
                case PerformativeCodec.FLOW -> flow(codec, bytes);
                case PerformativeCodec.DISPOSITION -> disposition(codec, bytes);
                default -> codec.decode(bytes);
            }
        } catch (ConnectionError refused) {
            if (!"amqp:decode-error".equals(refused.condition().toString())) {
                throw new AssertionError("refused in other words", refused);
            }
        }
    }

    private static void transfer(ByteBuffer bytes) {
        ByteBuffer original = bytes.duplicate();
        var ours = new TransferFrame();
        ours.decode(bytes);
        DeliveryState state = ours.state();
        Transfer proton = (Transfer) proton(original, bytes);
        same("handle", ours.handle, proton.getHandle().intValue());
        same("delivery-id", ours.hasDeliveryId ? ours.deliveryId : null, bits(proton.getDeliveryId()));
        same("delivery-tag", ours.hasTag() ? new Binary(ours.tag()) : null, proton.getDeliveryTag());
        same("message-format", ours.hasMessageFormat ? ours.messageFormat : null, bits(proton.getMessageFormat()));
        same("settled", ours.hasSettled ? ours.settled : null, proton.getSettled());
        same("more", ours.more, proton.getMore());
        same("resume", ours.resume, proton.getResume());
        same("aborted", ours.aborted, proton.getAborted());
        sameState(state, proton.getState());
    }

    private static void flow(PerformativeCodec codec, ByteBuffer bytes) {
        ByteBuffer original = bytes.duplicate();
        var ours = new FlowFrame(codec);
        ours.decode(bytes);
        var properties = ours.properties();
        Flow proton = (Flow) proton(original, bytes);
        same("properties", names(properties), names(proton.getProperties()));
        // Encoded again without them: Proton-J writes a symbol that is not ASCII as another one.
        var out = new Frames();
        ours.properties(null);
        ours.encode(0, out);
        proton.setProperties(null);
        same("flow", out.performative().toString(), proton.toString());
    }

    /** We take strings for symbols, as some clients write them. */
    private static String names(@Nullable Map<?, ?> properties) {
        var names = new TreeSet<String>();
        if (properties != null) {
            properties.keySet().forEach(name -> names.add(String.valueOf(name)));
        }
        return names.toString();
    }

    private static void disposition(PerformativeCodec codec, ByteBuffer bytes) {
        ByteBuffer original = bytes.duplicate();
        var ours = new DispositionFrame(codec);
        ours.decode(bytes);
        DeliveryState state = ours.state();
        Disposition proton = (Disposition) proton(original, bytes);
        same("role", ours.receiver ? Role.RECEIVER : Role.SENDER, proton.getRole());
        same("first", ours.first, proton.getFirst().intValue());
        same("last", ours.last, (proton.getLast() == null ? proton.getFirst() : proton.getLast()).intValue());
        same("settled", ours.settled, proton.getSettled());
        sameState(state, proton.getState());
    }

    private static Object proton(ByteBuffer original, ByteBuffer read) {
        Object decoded = Proton.decode(original);
        same("length", read.position(), original.position());
        return decoded;
    }

    private static @Nullable Integer bits(@Nullable UnsignedInteger value) {
        return value == null ? null : value.intValue();
    }

    private static void sameState(@Nullable DeliveryState ours, @Nullable DeliveryState proton) {
        same("state", text(ours), text(proton));
    }

    /** Proton-J's own texts tell a missing flag from false, and two equal errors apart. */
    private static String text(@Nullable DeliveryState state) {
        if (state instanceof Modified modified) {
            return "modified " + Boolean.TRUE.equals(modified.getDeliveryFailed())
                    + Boolean.TRUE.equals(modified.getUndeliverableHere()) + modified.getMessageAnnotations();
        }
        return state instanceof Rejected rejected ? "rejected " + rejected.getError() : String.valueOf(state);
    }

    private static void same(String what, @Nullable Object ours, @Nullable Object proton) {
        if (!Objects.equals(ours, proton)) {
            throw new AssertionError(what + " " + ours + " is " + proton + " for Proton-J");
        }
    }
}
