package io.turnstone.amqp.filter;

import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.amqp.message.MessageScan;
import io.turnstone.amqp.message.Messages;
import io.turnstone.api.Body;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Overlay;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.message.Message;

/** Messages that filters are asked about. */
final class Subjects {

    static final UUID ID = UUID.fromString("0e1c2b3a-4d5e-6f70-8192-a3b4c5d6e7f8");

    /** Of which no queue knows anything. */
    static final Overlay NEW = Overlay.arrival("", "q", 0, io.turnstone.api.Message.NONE);

    /** One with everything. */
    static final AmqpMessage ORDER = read(order());

    private Subjects() {}

    static AmqpMessage read(Message message) {
        return new MessageScan().read(Body.Inline.of(Messages.encode(message)));
    }

    static AmqpMessage with(Map<String, Object> applicationProperties) {
        Message message = Message.Factory.create();
        message.setApplicationProperties(new ApplicationProperties(applicationProperties));
        return read(message);
    }

    static AmqpMessage with(Properties properties) {
        Message message = Message.Factory.create();
        message.setProperties(properties);
        return read(message);
    }

    static boolean selects(String selector) {
        return ExpressionFilter.selector(selector).matches(ORDER, NEW);
    }

    /** True, false or unknown: what a text and its negation say. */
    static String truth(MessageFilter filter, MessageFilter negated) {
        if (filter.matches(ORDER, NEW)) {
            return "true";
        }
        return negated.matches(ORDER, NEW) ? "false" : "unknown";
    }

    private static Message order() {
        Message message = Message.Factory.create();
        var header = new Header();
        header.setDurable(true);
        header.setPriority(UnsignedByte.valueOf((byte) 7));
        header.setTtl(UnsignedInteger.valueOf(60_000));
        header.setDeliveryCount(UnsignedInteger.valueOf(2));
        message.setHeader(header);
        var annotations = new LinkedHashMap<Symbol, Object>();
        annotations.put(Symbol.valueOf("x-opt-tier"), "gold");
        annotations.put(Symbol.valueOf("x-opt-number"), 5);
        message.setMessageAnnotations(new MessageAnnotations(annotations));
        message.setProperties(properties());
        message.setApplicationProperties(new ApplicationProperties(applicationProperties()));
        return message;
    }

    @SuppressWarnings("JavaUtilDate")
    private static Properties properties() {
        var properties = new Properties();
        properties.setMessageId("ID:order-1");
        properties.setUserId(new Binary("anna".getBytes(StandardCharsets.UTF_8)));
        properties.setTo("/queues/orders");
        properties.setSubject("order.paid");
        properties.setReplyTo("answers");
        properties.setCorrelationId("c-1");
        properties.setContentType(Symbol.valueOf("text/plain"));
        properties.setContentEncoding(Symbol.valueOf("gzip"));
        properties.setAbsoluteExpiryTime(new Date(2_000_000_000_000L));
        properties.setCreationTime(new Date(1_000_000_000_000L));
        properties.setGroupId("group-1");
        properties.setGroupSequence(UnsignedInteger.valueOf(4_000_000_000L));
        properties.setReplyToGroupId("group-2");
        return properties;
    }

    @SuppressWarnings("JavaUtilDate")
    private static Map<String, Object> applicationProperties() {
        var map = new LinkedHashMap<String, Object>();
        map.put("color", "blue");
        map.put("empty", "");
        map.put("emoji", "a☀️é");
        map.put("quote", "it's 100%_");
        map.put("i", 5);
        map.put("zero", 0);
        map.put("l", Long.MAX_VALUE);
        map.put("min", Long.MIN_VALUE);
        map.put("ub", UnsignedByte.valueOf((byte) 200));
        map.put("us", UnsignedShort.valueOf((short) 60_000));
        map.put("ui", UnsignedInteger.valueOf(4_000_000_000L));
        map.put("ui0", UnsignedInteger.ZERO);
        map.put("ul", UnsignedLong.valueOf("18446744073709551615"));
        map.put("s", (short) -3);
        map.put("b", (byte) -2);
        map.put("d", 2.5);
        map.put("f", 0.1f);
        map.put("nan", Double.NaN);
        map.put("inf", Double.POSITIVE_INFINITY);
        map.put("yes", true);
        map.put("no", false);
        map.put("nothing", null);
        map.put("list", List.of(1, 2));
        map.put("uuid", ID);
        map.put("when", new Date(1_500_000_000_000L));
        map.put("symbol", Symbol.valueOf("sym"));
        map.put("binary", new Binary(new byte[] {1, (byte) 0xff}));
        map.put("char", 'x');
        map.put("my-key", "hyphen");
        map.put("dotted.name", 1);
        map.put("größe", 3);
        return map;
    }
}
