package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.api.Body;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Decimal32;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
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
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** From one link to another through the whole front end, frame by frame. */
@DisplayName("A message on its way through the broker")
class PassageTest {

    private static final Object[] IDS = {
        UnsignedLong.valueOf(7), UUID.nameUUIDFromBytes(new byte[] {1}), new Binary(new byte[] {1, 2}), "id"
    };

    private final ScriptedPeer peer = new ScriptedPeer().sending("q");
    private int id;

    PassageTest() {
        peer.send(0, peer.attach("in", 1, Role.RECEIVER, "q"));
        peer.expect(Attach.class);
        Flow credit = peer.flow(0, 1000);
        credit.setHandle(UnsignedInteger.ONE);
        peer.send(0, credit);
    }

    /** What arrives of a message. */
    private byte[] passed(byte[] message) {
        peer.send(0, ScriptedPeer.transfer(id++, false), message);
        byte[] came = null;
        while (peer.hasNext()) {
            ScriptedPeer.Frame frame = peer.next();
            assertThat(frame.body()).isInstanceOfAny(Transfer.class, Disposition.class, Flow.class);
            came = frame.body() instanceof Transfer ? frame.payload() : came;
        }
        peer.send(0, peer.sessionFlow(id, 1000));
        return came;
    }

    private static List<Object> sections(byte[] message) {
        var decoder = new DecoderImpl();
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        decoder.setByteBuffer(ByteBuffer.wrap(message));
        var sections = new ArrayList<>();
        while (decoder.getByteBuffer().hasRemaining()) {
            sections.add(decoder.readObject());
        }
        return sections;
    }

    private static <T> T one(List<Object> sections, Class<T> type) {
        return sections.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElse(null);
    }

    @Test
    @Spec(section = "3.2", says = "sections in any legal combination are taken, and come out as they came")
    @Spec(section = "3.2", says = "several data or sequence sections are one body")
    @Spec(section = "3.2", says = "the bare message is the same to the last byte")
    @Spec(section = "3.2.2", says = "delivery annotations end at the next hop")
    @Spec(section = "3.2.3", says = "message annotations travel with the message")
    void keepsItsSectionsWhateverTheyAre() {
        for (int seed = 0; seed < 500; seed++) {
            var random = new Random(seed);
            Header header = random.nextBoolean() ? header(random) : null;
            var annotations =
                    random.nextBoolean() ? new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-a"), 1)) : null;
            var ahead = new ArrayList<>();
            ahead.add(header);
            ahead.add(random.nextBoolean() ? new DeliveryAnnotations(Map.of(Symbol.valueOf("x-opt-hop"), 1)) : null);
            ahead.add(annotations);
            ahead.removeIf(each -> each == null);
            byte[] bare = peer.section(bare(random).toArray());

            byte[] came = passed(joined(peer.section(ahead.toArray()), bare));

            assertThat(Arrays.copyOfRange(came, came.length - bare.length, came.length))
                    .as("seed %d", seed)
                    .isEqualTo(bare);
            List<Object> sections = sections(came);
            assertThat(sections).noneMatch(DeliveryAnnotations.class::isInstance);
            var kept = one(sections, MessageAnnotations.class);
            assertThat(kept == null ? null : kept.getValue())
                    .isEqualTo(annotations == null ? null : annotations.getValue());
            Header sent = one(sections, Header.class);
            assertThat(Boolean.TRUE.equals(sent.getDurable()))
                    .isEqualTo(header != null && Boolean.TRUE.equals(header.getDurable()));
            assertThat(sent.getPriority()).isEqualTo(header == null ? null : header.getPriority());
        }
    }

    private static Header header(Random random) {
        var header = new Header();
        header.setDurable(random.nextBoolean() ? random.nextBoolean() : null);
        header.setPriority(random.nextBoolean() ? UnsignedByte.valueOf((byte) random.nextInt(10)) : null);
        header.setTtl(random.nextBoolean() ? UnsignedInteger.valueOf(60_000) : null);
        return header;
    }

    /** Everything between the annotations and the end of the footer. */
    private static List<Object> bare(Random random) {
        var sections = new ArrayList<>();
        if (random.nextBoolean()) {
            sections.add(properties(random));
        }
        if (random.nextBoolean()) {
            sections.add(new ApplicationProperties(Map.of("k", random.nextInt())));
        }
        int times = 1 + random.nextInt(3);
        switch (random.nextInt(3)) {
            case 0 -> sections.add(new AmqpValue(random.nextBoolean() ? null : List.of("v", 1L)));
            case 1 -> {
                for (int i = 0; i < times; i++) {
                    sections.add(new Data(new Binary(new byte[random.nextInt(300)])));
                }
            }
            default -> {
                for (int i = 0; i < times; i++) {
                    sections.add(new AmqpSequence(List.of(i, "s")));
                }
            }
        }
        if (random.nextBoolean()) {
            sections.add(new Footer(Map.of(Symbol.valueOf("x-opt-f"), 1)));
        }
        return sections;
    }

    private static Properties properties(Random random) {
        var properties = new Properties();
        properties.setMessageId(IDS[random.nextInt(IDS.length)]);
        properties.setCorrelationId(IDS[random.nextInt(IDS.length)]);
        properties.setUserId(random.nextBoolean() ? new Binary(new byte[] {'u'}) : null);
        properties.setTo("/queues/q");
        properties.setSubject(random.nextBoolean() ? "subject" : null);
        properties.setReplyTo("answers");
        properties.setContentType(Symbol.valueOf("text/plain"));
        properties.setGroupId(random.nextBoolean() ? "group" : null);
        properties.setGroupSequence(random.nextBoolean() ? UnsignedInteger.MAX_VALUE : null);
        return properties;
    }

    private static byte[] joined(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }

    @Test
    @Spec(section = "3.2.1", says = "a header is added where there was none and something is to be told")
    @Spec(section = "3.2.1", says = "priority is 4 unless it is said")
    void hasAHeaderAddedThatSaysItComesForTheFirstTime() {
        byte[] message = peer.message("without a header");

        Header header = one(sections(passed(message)), Header.class);

        assertThat(header.getFirstAcquirer()).isTrue();
        assertThat(header.getPriority()).isNull();
        assertThat(AmqpFormat.INSTANCE.read(Body.Inline.of(message)).priority()).isEqualTo(4);
    }

    @Test
    @Spec(section = "3.2.4", says = "message-id and correlation-id are ulong, uuid, binary or string")
    @Spec(section = "3.2.4", says = "to, reply-to, subject, content-type and groups are as the sender said")
    void keepsItsProperties() {
        for (Object each : IDS) {
            var properties = new Properties();
            properties.setMessageId(each);
            properties.setCorrelationId(each);
            properties.setTo("somewhere else");
            properties.setReplyTo("answers");
            properties.setSubject("subject");
            properties.setContentType(Symbol.valueOf("text/plain"));
            properties.setGroupId("group");
            properties.setGroupSequence(UnsignedInteger.MAX_VALUE);
            properties.setReplyToGroupId("other");

            byte[] came = passed(peer.section(properties, new AmqpValue("m")));

            assertThat(one(sections(came), Properties.class)).hasToString(properties.toString());
        }
    }

    @Test
    @Spec(section = "3.2.5", says = "application properties of every simple type are kept")
    @SuppressWarnings("JavaUtilDate") // what Proton-J calls a timestamp
    void keepsItsApplicationProperties() {
        var map = new java.util.LinkedHashMap<String, Object>();
        List.of(true, (byte) 1, (short) 2, 3, 4L, 1.5f, 2.5, 'c', "text", new Date(5), new Decimal32(6))
                .forEach(each -> map.put(each.getClass().getSimpleName(), each));
        List.of(UnsignedByte.valueOf((byte) 1), UnsignedInteger.MAX_VALUE, UnsignedLong.valueOf(7))
                .forEach(each -> map.put(each.getClass().getSimpleName(), each));
        map.put("symbol", Symbol.valueOf("s"));
        map.put("binary", new Binary(new byte[] {1}));
        map.put("uuid", IDS[1]);
        map.put("null", null);

        byte[] came = passed(peer.section(new ApplicationProperties(map), new AmqpValue("m")));

        assertThat(one(sections(came), ApplicationProperties.class).getValue()).isEqualTo(map);
    }
}
