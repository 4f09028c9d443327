package io.turnstone.amqp.message;

import io.turnstone.api.Body;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.DeliveryAnnotations;
import org.apache.qpid.proton.amqp.messaging.Footer;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.message.Message;

/** Messages as Proton-J encodes them, chosen by a seed. */
public final class Messages {

    private Messages() {}

    public static byte[] encode(Message message) {
        var bytes = new byte[8 * 1024];
        return Arrays.copyOf(bytes, message.encode(bytes, 0, bytes.length));
    }

    /** A message of one data section with so many bytes. */
    public static byte[] data(int size) {
        return ByteBuffer.allocate(8 + size).putInt(0x005375b0).putInt(size).array();
    }

    static AmqpMessage read(byte[] encoded) {
        // Never at the start of the array: places are counted from the message's first byte.
        var padded = new byte[encoded.length + 11];
        System.arraycopy(encoded, 0, padded, 7, encoded.length);
        return AmqpFormat.INSTANCE.read(new Body.Inline(padded, 7, encoded.length));
    }

    static Message random(Random random) {
        Message message = Message.Factory.create();
        if (random.nextInt(4) != 0) {
            message.setHeader(header(random));
        }
        if (random.nextInt(4) == 0) {
            message.setDeliveryAnnotations(new DeliveryAnnotations(annotations(random)));
        }
        if (random.nextInt(2) == 0) {
            message.setMessageAnnotations(new MessageAnnotations(annotations(random)));
        }
        if (random.nextInt(4) != 0) {
            message.setProperties(properties(random));
        }
        if (random.nextInt(2) == 0) {
            message.setApplicationProperties(new ApplicationProperties(applicationProperties(random)));
        }
        switch (random.nextInt(5)) {
            case 0 -> message.setBody(new AmqpValue(random.nextBoolean() ? null : applicationProperties(random)));
            case 1 -> message.setBody(new AmqpSequence(List.of("a", random.nextInt(), List.of(true))));
            case 2 -> {}
            default -> message.setBody(new Data(new Binary(new byte[random.nextInt(2000)])));
        }
        if (random.nextInt(5) == 0) {
            message.setFooter(new Footer(new HashMap<>(annotations(random))));
        }
        return message;
    }

    private static Header header(Random random) {
        var header = new Header();
        header.setDurable(random.nextInt(3) == 0 ? null : random.nextBoolean());
        if (random.nextBoolean()) {
            header.setPriority(org.apache.qpid.proton.amqp.UnsignedByte.valueOf((byte) random.nextInt(256)));
        }
        if (random.nextBoolean()) {
            header.setTtl(UnsignedInteger.valueOf(random.nextInt()));
        }
        header.setFirstAcquirer(random.nextInt(3) == 0 ? true : null);
        header.setDeliveryCount(random.nextInt(3) == 0 ? UnsignedInteger.valueOf(random.nextInt(300)) : null);
        return header;
    }

    private static Map<Symbol, Object> annotations(Random random) {
        var map = new LinkedHashMap<Symbol, Object>();
        for (int i = random.nextInt(5); i > 0; i--) {
            map.put(Symbol.valueOf("x-opt-" + i), random.nextBoolean() ? "value" : (Object) random.nextLong());
        }
        if (random.nextInt(3) == 0) {
            map.put(Symbol.valueOf("x-exchange"), "forged");
        }
        return map;
    }

    @SuppressWarnings("JavaUtilDate")
    private static Properties properties(Random random) {
        var properties = new Properties();
        properties.setMessageId(
                switch (random.nextInt(4)) {
                    case 0 -> UUID.nameUUIDFromBytes(new byte[] {1});
                    case 1 -> UnsignedLong.valueOf(random.nextInt(9));
                    case 2 -> "id-" + random.nextInt();
                    default -> null;
                });
        properties.setTo(random.nextBoolean() ? "/queues/q" : null);
        properties.setSubject(random.nextBoolean() ? "señor." + random.nextInt() : null);
        properties.setContentType(random.nextBoolean() ? Symbol.valueOf("text/plain") : null);
        properties.setAbsoluteExpiryTime(random.nextBoolean() ? new java.util.Date(random.nextInt(1 << 30)) : null);
        properties.setGroupId(random.nextBoolean() ? "group" : null);
        return properties;
    }

    private static Map<String, Object> applicationProperties(Random random) {
        var map = new LinkedHashMap<String, Object>();
        map.put("text", "t" + random.nextInt());
        map.put("number", random.nextInt());
        map.put("flag", random.nextBoolean());
        map.put("none", null);
        return map;
    }
}
