package io.turnstone.amqp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;

/**
 * What the delivery-tags of one outgoing link look like. Whatever their form, they end in a number of 8 bytes that is
 * unique on the link.
 */
enum TagForm {
    /** The number alone. */
    NUMBER(""),

    /**
     * As long as a UUID, and never the empty one. Libraries that put tokens at {@code $cbs} take such a tag for the lock token
     * of the message, by which it is settled, and all others for one and the same.
     */
    LOCK_TOKEN("turnston");

    private final String prefix;

    TagForm(String prefix) {
        this.prefix = prefix;
    }

    /** That of a link which is attached now. */
    static TagForm of(AmqpConnection connection) {
        return connection.proof().wasPut() ? LOCK_TOKEN : NUMBER;
    }

    /** A tag with the number 0. */
    byte[] first() {
        return Arrays.copyOf(prefix.getBytes(US_ASCII), prefix.length() + Long.BYTES);
    }

    /** The tag with that number. */
    Binary numbered(long number) {
        byte[] bytes = first();
        number(bytes, number);
        return new Binary(bytes);
    }

    /** Gives a tag of any form another number. */
    static void number(byte[] tag, long number) {
        long left = number;
        for (int i = tag.length - 1; i >= tag.length - Long.BYTES; i--, left >>>= Byte.SIZE) {
            tag[i] = (byte) left;
        }
    }
}
