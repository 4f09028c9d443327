package io.turnstone.amqp.filter;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the names in an expression mean, in either language. Immutable. */
final class Names {

    private static final String AMQP = "amqp.";
    private static final String ANNOTATION = "m.";
    private static final String JMS_ANNOTATION = "JMS_AMQP_MA_";

    private static final Map<String, Field> JMS = new HashMap<>();
    private static final Map<String, Field> HEADER = fields(EnumSet.range(Field.DURABLE, Field.DELIVERY_COUNT));
    private static final Map<String, Field> PROPERTIES =
            fields(EnumSet.range(Field.MESSAGE_ID, Field.REPLY_TO_GROUP_ID));

    static {
        JMS.put("JMSMessageID", Field.JMS_MESSAGE_ID);
        JMS.put("JMSCorrelationID", Field.JMS_CORRELATION_ID);
        JMS.put("JMSType", Field.SUBJECT);
        JMS.put("JMSPriority", Field.PRIORITY);
        JMS.put("JMSTimestamp", Field.CREATION_TIME);
        JMS.put("JMSDeliveryMode", Field.DELIVERY_MODE);
        JMS.put("JMSExpiration", Field.EXPIRATION);
        JMS.put("JMSRedelivered", Field.REDELIVERED);
        JMS.put("JMSDestination", Field.TO);
        JMS.put("JMSReplyTo", Field.REPLY_TO);
        JMS.put("JMSXUserID", Field.USER_ID);
        JMS.put("JMSXGroupID", Field.GROUP_ID);
        JMS.put("JMSXGroupSeq", Field.GROUP_SEQUENCE);
        JMS.put("JMSXDeliveryCount", Field.DELIVERIES);
        JMS.put("JMS_AMQP_TTL", Field.TTL);
        JMS.put("JMS_AMQP_FIRST_ACQUIRER", Field.FIRST_ACQUIRER);
        JMS.put("JMS_AMQP_CONTENT_TYPE", Field.CONTENT_TYPE);
        JMS.put("JMS_AMQP_CONTENT_ENCODING", Field.CONTENT_ENCODING);
        JMS.put("JMS_AMQP_REPLY_TO_GROUP_ID", Field.REPLY_TO_GROUP_ID);
        JMS.put("JMS_AMQP_FirstAcquirer", Field.FIRST_ACQUIRER);
        JMS.put("JMS_AMQP_ContentType", Field.CONTENT_TYPE);
        JMS.put("JMS_AMQP_ContentEncoding", Field.CONTENT_ENCODING);
        JMS.put("JMS_AMQP_ReplyToGroupID", Field.REPLY_TO_GROUP_ID);
    }

    private Names() {}

    private static Map<String, Field> fields(Set<Field> fields) {
        return fields.stream().collect(Collectors.toMap(Field::field, field -> field));
    }

    /** The field of the properties section with a name of the specification, or null. */
    static @Nullable Field property(String name) {
        return name.indexOf('_') >= 0 ? null : PROPERTIES.get(name.replace('-', '_'));
    }

    /**
     * What a name means.
     *
     * @param quoted whether it was written as a delimited name, which in SQL has no section
     * @throws FilterSyntaxException with no place, for a field or section that there is not
     */
    static Term resolve(Dialect dialect, String name, boolean quoted, Needs needs) {
        if (dialect == Dialect.SELECTOR) {
            return selector(name, needs);
        }
        int dot = quoted ? -1 : name.indexOf('.');
        return dot < 0
                ? needs.applicationProperty(name)
                : inSection(name.substring(0, dot), name.substring(dot + 1), needs);
    }

    private static Term selector(String name, Needs needs) {
        Field jms = JMS.get(name);
        if (jms != null) {
            return jms;
        }
        if (name.startsWith(AMQP)) {
            String field = name.substring(AMQP.length()).replace('-', '_');
            Field header = HEADER.get(field);
            return header != null ? header : known(PROPERTIES, field, name, AMQP);
        }
        if (name.startsWith(ANNOTATION) && name.length() > ANNOTATION.length()) {
            return needs.annotation(name.substring(ANNOTATION.length()));
        }
        if (name.startsWith(JMS_ANNOTATION)) {
            return needs.annotation(name.substring(JMS_ANNOTATION.length()));
        }
        return needs.applicationProperty(name);
    }

    private static Term inSection(String section, String name, Needs needs) {
        return switch (section) {
            case "header", "h" -> known(HEADER, name, section + "." + name, section + ".");
            case "properties", "p" -> known(PROPERTIES, name, section + "." + name, section + ".");
            case "application_properties", "application-properties", "a" -> needs.applicationProperty(name);
            default ->
                throw new FilterSyntaxException("there is no section " + FilterSyntaxException.quoted(section)
                        + ": it must be header, properties or application_properties, or h, p or a");
        };
    }

    private static Term known(Map<String, Field> fields, String name, String shown, String prefix) {
        Field field = fields.get(name);
        if (field == null) {
            throw new FilterSyntaxException("there is no field " + FilterSyntaxException.quoted(shown) + ": behind "
                    + prefix + " must be one of " + String.join(", ", new TreeSet<>(fields.keySet())));
        }
        return field;
    }
}
