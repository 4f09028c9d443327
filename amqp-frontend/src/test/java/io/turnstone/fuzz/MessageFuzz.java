package io.turnstone.fuzz;

import io.turnstone.amqp.codec.Frames;
import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.amqp.message.TransferWriter;
import io.turnstone.api.Body;
import io.turnstone.api.Choices;
import io.turnstone.api.Delivery;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Messages: refused in the scan's own words, or indexed as Proton-J reads them; whatever was let in can be looked at and
 * sent on, and is let in again as the same.
 */
public final class MessageFuzz {

    private static final int BATCH = 8;
    private static final byte[] TAG = {1};

    private MessageFuzz() {}

    /** Some messages, as they are or made of choices. */
    public static void fuzzerTestOneInput(byte[] input) {
        var choices = new Choices(input);
        if (choices.nextBoolean()) {
            check(Arrays.copyOfRange(input, 1, input.length));
        }
        var messages = new Messages(choices, new Wire(choices, choices.of(0, 200, 40)));
        for (int i = 0; i < BATCH && !choices.exhausted(); i++) {
            byte[] message = messages.any();
            check(choices.oneIn(6) ? Arrays.copyOf(message, choices.nextInt(message.length + 1)) : message);
        }
    }

    private static void check(byte... encoded) {
        AmqpMessage message;
        try {
            message = AmqpFormat.INSTANCE.read(Body.Inline.of(encoded));
        } catch (IllegalArgumentException refused) {
            if (!String.valueOf(refused.getMessage()).contains("at byte")) {
                throw new AssertionError("refused without a place", refused);
            }
            return;
        }
        look(message);
        compare(message, encoded);
        AmqpMessage again = AmqpFormat.INSTANCE.read(Body.Inline.of(sent(message)));
        same("subject sent on", again.subject(), message.subject());
        same("message-id sent on", again.messageId(), message.messageId());
        same("durable sent on", again.durable(), message.durable());
        same("priority sent on", again.priority(), message.priority());
    }

    private static void look(AmqpMessage message) {
        message.availableAtMs(1_000);
        message.group();
        message.property("color");
        message.annotation("x-opt-deaths");
        message.annotation("x-opt-a");
    }

    /** Proton-J decodes all of it and may find fault with a body or a map that we need not look into. */
    private static void compare(AmqpMessage message, byte... encoded) {
        var proton = org.apache.qpid.proton.message.Message.Factory.create();
        try {
            proton.decode(encoded, 0, encoded.length);
        } catch (RuntimeException e) {
            return;
        }
        same("durable", message.durable(), proton.isDurable());
        same("priority", message.priority(), (int) proton.getPriority());
        same("to", message.to(), proton.getAddress());
        same("subject", message.subject(), proton.getSubject());
        if (proton.getGroupId() != null) {
            // Else it may be in an application property.
            same("group", message.group(), proton.getGroupId());
        }
        same("ttl", Math.max(0, message.ttlMs()), proton.getTtl());
    }

    private static byte[] sent(AmqpMessage message) {
        var writer = new TransferWriter();
        var out = new Frames();
        writer.begin(0, TAG, false, new Sent(message), Map.of(), 0, null);
        writer.write(0, 0, Integer.MAX_VALUE, 1, out);
        var frame = out.body();
        io.turnstone.amqp.codec.Proton.decode(frame);
        var payload = new byte[frame.remaining()];
        frame.get(payload);
        return payload;
    }

    private static void same(String what, @Nullable Object ours, @Nullable Object proton) {
        if (!Objects.equals(comparable(ours), comparable(proton))) {
            throw new AssertionError(what + ": " + ours + " and " + proton);
        }
    }

    /** Arrays are equal to nothing but themselves, wherever in a list they are. */
    private static @Nullable Object comparable(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(MessageFuzz::comparable).toList();
        }
        if (value != null && value.getClass().isArray()) {
            return IntStream.range(0, Array.getLength(value))
                    .mapToObj(i -> comparable(Array.get(value, i)))
                    .toList();
        }
        return value;
    }

    private record Sent(Message message) implements Delivery {
        @Override
        public Overlay overlay() {
            return Overlay.arrival("x", "key", 0, Message.NONE);
        }

        @Override
        public boolean firstAcquirer() {
            return true;
        }
    }
}
