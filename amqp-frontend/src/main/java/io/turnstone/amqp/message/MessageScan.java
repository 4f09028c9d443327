package io.turnstone.amqp.message;

import io.turnstone.amqp.codec.Descriptors;
import io.turnstone.amqp.codec.Encodings;
import io.turnstone.amqp.codec.FieldReader;
import io.turnstone.amqp.codec.MalformedException;
import io.turnstone.api.Body;
import io.turnstone.api.Message;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Reads encoded messages by one pass over their sections (part 3, section 3.2): their order, their place, and what the
 * broker itself needs to know. Sections before the body are checked to the last byte, the body only for its length.
 *
 * <p>A message without any body section is let through: existing clients send such.
 *
 * <p>Reused for one message after another; owned by whoever made it.
 */
public final class MessageScan {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** The place of the body in the order of sections. */
    private static final int BODY = 5;

    /** Places are counted from the first byte of the message; the end of an absent section is its place. */
    int headerEnd;

    int annotationsAt;
    int bareAt;
    boolean hasProperties;
    /** -1 without. */
    int applicationPropertiesAt;

    boolean durable;
    boolean firstAcquirer;
    /** -1 when the header has none. */
    int priority;

    long ttlMs;
    int deliveryCount;
    long expiresAtMs;
    /** As {@link DelayAnnotations} says it. */
    long delay;

    private final FieldReader fields = new FieldReader();
    private ByteBuffer bytes = NOTHING;
    private int offset;
    private int headSize;
    /** Bytes of the whole message, of which only the head may be here. */
    private long length;
    /** Of what goes on behind the head: where its content begins. */
    private int contentAt;

    /**
     * Reads a message, in time linear in its sections before the body. Of one in a file the head is read and the rest
     * believed.
     *
     * @throws AmqpMessageException saying what is wrong and where
     */
    public AmqpMessage read(Body body) {
        Body.Inline head = body instanceof Body.Spooled spooled ? spooled.head() : (Body.Inline) body;
        scan(head, body.length());
        return new AmqpMessage(body, head, this);
    }

    /**
     * Whether a message asks to survive a restart, of which the beginning has come and more will follow.
     *
     * @throws AmqpMessageException saying what is wrong and where, or that not all sections before the body are there
     */
    public boolean durable(Body.Inline beginning) {
        scan(beginning, Long.MAX_VALUE / 2);
        return durable;
    }

    /** After {@link #durable}: how many of the bytes are enough to {@link #read} the message. */
    public int headSize() {
        return contentAt;
    }

    private void scan(Body.Inline head, long messageLength) {
        offset = head.offset();
        headSize = head.size();
        bytes = ByteBuffer.wrap(head.array(), offset, headSize);
        length = messageLength;
        forget();
        try {
            if (run() != cut()) {
                throw new MalformedException("the body does not begin");
            }
        } catch (MalformedException malformed) {
            throw failed(String.valueOf(malformed.getMessage()));
        } catch (BufferUnderflowException tooShort) {
            throw failed("a section ends too early");
        } finally {
            bytes = NOTHING;
        }
    }

    private boolean cut() {
        return length > headSize;
    }

    private AmqpMessageException failed(String what) {
        String limit = cut() ? "; all before the body of a large message must be in its first " + headSize : "";
        return new AmqpMessageException(what + limit, bytes.position() - offset);
    }

    private void forget() {
        headerEnd = deliveryCount = 0;
        annotationsAt = bareAt = applicationPropertiesAt = priority = -1;
        hasProperties = durable = firstAcquirer = false;
        ttlMs = expiresAtMs = Message.NONE;
        delay = DelayAnnotations.AT_ONCE;
    }

    /** Whether it stopped in a part that goes on behind the head. */
    private boolean run() {
        long previous = 0;
        int rank = -1;
        while (bytes.hasRemaining()) {
            int at = bytes.position() - offset;
            long section = Encodings.descriptor(bytes);
            int nextRank = rank(section);
            boolean repeats =
                    section == previous && (section == Descriptors.DATA || section == Descriptors.AMQP_SEQUENCE);
            if (nextRank <= rank && !repeats) {
                throw new MalformedException("a " + name(section) + " section must not follow a " + name(previous));
            }
            if (nextRank >= rank(Descriptors.PROPERTIES) && bareAt < 0) {
                bareAt = at;
            }
            if (cut() && nextRank >= BODY) {
                if (goesOn((int) section)) {
                    annotationsAt = annotationsAt < 0 ? bareAt : annotationsAt;
                    return true;
                }
            } else {
                section((int) section, at);
            }
            previous = section;
            rank = nextRank;
        }
        int end = bytes.position() - offset;
        bareAt = bareAt < 0 ? end : bareAt;
        annotationsAt = annotationsAt < 0 ? bareAt : annotationsAt;
        return false;
    }

    /** Skips a section of the body, or the footer, if all of it is in the head; if not, it must be in the message. */
    private boolean goesOn(int section) {
        checkKind(section);
        long size = Encodings.enter(bytes);
        contentAt = bytes.position() - offset;
        long end = size + bytes.position();
        if (end > offset + length) {
            throw new MalformedException("a " + name(section) + " section ends beyond the message");
        }
        if (end >= bytes.limit()) {
            return true;
        }
        bytes.position((int) end);
        return false;
    }

    private void checkKind(int section) {
        int code = Encodings.peek(bytes);
        if (section == Descriptors.DATA && code != Encodings.BINARY8 && code != Encodings.BINARY32) {
            throw new MalformedException("a data section must be a binary");
        }
        if (section == Descriptors.AMQP_SEQUENCE
                && code != Encodings.LIST0
                && code != Encodings.LIST8
                && code != Encodings.LIST32) {
            throw new MalformedException("an amqp-sequence section must be a list");
        }
    }

    private void section(int section, int at) {
        switch (section) {
            case Descriptors.HEADER -> header();
            case Descriptors.DELIVERY_ANNOTATIONS, Descriptors.FOOTER -> map();
            case Descriptors.MESSAGE_ANNOTATIONS -> {
                annotationsAt = at;
                int start = bytes.position();
                map();
                bytes.position(start);
                delay = DelayAnnotations.read(bytes);
            }
            case Descriptors.PROPERTIES -> properties();
            case Descriptors.APPLICATION_PROPERTIES -> {
                applicationPropertiesAt = at;
                map();
            }
            case Descriptors.DATA -> {
                int size = Encodings.binary(bytes);
                bytes.position(bytes.position() + size);
            }
            default -> {
                checkKind(section);
                Encodings.skipShallow(bytes);
            }
        }
    }

    private void header() {
        fields.enter(bytes);
        durable = fields.bool();
        priority = fields.ubyte(-1);
        if (fields.next()) {
            ttlMs = Integer.toUnsignedLong(Encodings.uint(bytes));
        }
        firstAcquirer = fields.bool();
        deliveryCount = fields.uint(0);
        fields.leave();
        headerEnd = bytes.position() - offset;
    }

    private void properties() {
        hasProperties = true;
        fields.enter(bytes);
        for (int i = 0; i < AmqpMessage.ABSOLUTE_EXPIRY_TIME; i++) {
            fields.skip();
        }
        if (fields.next()) {
            expiresAtMs = Math.max(0, Encodings.timestamp(bytes));
        }
        for (int i = AmqpMessage.ABSOLUTE_EXPIRY_TIME + 1; i < AmqpMessage.PROPERTIES; i++) {
            fields.skip();
        }
        fields.leave();
    }

    private void map() {
        int code = Encodings.peek(bytes);
        if (code != Encodings.MAP8 && code != Encodings.MAP32) {
            throw new MalformedException("a section of annotations or properties must be a map");
        }
        Encodings.skip(bytes);
    }

    /** The place of a section in the order of sections; the three kinds of body share one. */
    private static int rank(long section) {
        if (section < Descriptors.HEADER || section > Descriptors.FOOTER) {
            throw new MalformedException("an unknown section");
        }
        if (section < Descriptors.DATA) {
            return (int) section - Descriptors.HEADER;
        }
        return section == Descriptors.FOOTER ? BODY + 1 : BODY;
    }

    private static String name(long section) {
        return switch ((int) section) {
            case Descriptors.HEADER -> "header";
            case Descriptors.DELIVERY_ANNOTATIONS -> "delivery-annotations";
            case Descriptors.MESSAGE_ANNOTATIONS -> "message-annotations";
            case Descriptors.PROPERTIES -> "properties";
            case Descriptors.APPLICATION_PROPERTIES -> "application-properties";
            case Descriptors.DATA -> "data";
            case Descriptors.AMQP_SEQUENCE -> "amqp-sequence";
            case Descriptors.AMQP_VALUE -> "amqp-value";
            default -> "footer";
        };
    }
}
