package io.turnstone.amqp.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.turnstone.amqp.Spec;
import io.turnstone.amqp.codec.Mutations;
import io.turnstone.amqp.codec.Proton;
import io.turnstone.api.Body;
import io.turnstone.api.FakeSpool;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Decimal32;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A message in AMQP's encoding")
class AmqpMessageTest {

    @Test
    void isIndexedAsProtonReadsIt() {
        for (int seed = 0; seed < 5000; seed++) {
            Message expected = Messages.random(new Random(seed));
            byte[] encoded = Messages.encode(expected);

            AmqpMessage message = Messages.read(encoded);

            assertHeader(message, expected.getHeader());
            assertProperties(message, expected.getProperties());
            ApplicationProperties application = expected.getApplicationProperties();
            for (String name : List.of("text", "number", "flag", "none", "absent")) {
                assertThat(message.property(name))
                        .isEqualTo(
                                application == null
                                        ? null
                                        : application.getValue().get(name));
            }
            assertThat(message.size()).isEqualTo(encoded.length);
            assertThat(message.format()).isSameAs(AmqpFormat.INSTANCE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "x-opt-delivery-time,          9000, 0,   9000",
        "x-opt-scheduled-enqueue-time, 9000, 0,   9000",
        "x-qpid-not-valid-before,      9000, 0,   9000",
        "x-opt-delivery-time,          9000, 70,  9000",
        "x-opt-other,                  9000, 70,  1070",
        "x-opt-delivery-time,          900,  0,   0",
        "x-opt-delivery-time,          -5,   0,   0",
        "x-opt-other,                  9000, 0,   0",
    })
    @SuppressWarnings("JavaUtilDate") // Proton-J's type for a timestamp
    void saysWhenItIsToBeDelivered(String name, long atMs, long delayMs, long expected) {
        for (Object moment : List.of(atMs, new java.util.Date(atMs), (int) atMs)) {
            Message message = Message.Factory.create();
            var annotations = new LinkedHashMap<Symbol, Object>();
            annotations.put(Symbol.valueOf("x-opt-text"), "a");
            annotations.put(Symbol.valueOf("x-opt-delivery-delay"), UnsignedInteger.valueOf(delayMs));
            annotations.put(Symbol.valueOf(name), moment);
            message.setMessageAnnotations(new org.apache.qpid.proton.amqp.messaging.MessageAnnotations(annotations));
            message.setBody(new Data(new Binary(new byte[0])));

            assertThat(Messages.read(Messages.encode(message)).availableAtMs(1000))
                    .isEqualTo(expected);
        }
    }

    @Test
    void isNotDelayedByWhatIsNoNumber() {
        Message message = Message.Factory.create();
        var annotations = new LinkedHashMap<Symbol, Object>();
        annotations.put(Symbol.valueOf("x-opt-delivery-time"), "tomorrow");
        annotations.put(Symbol.valueOf("x-opt-delivery-delay"), new UnsignedLong(-1));
        message.setMessageAnnotations(new org.apache.qpid.proton.amqp.messaging.MessageAnnotations(annotations));
        message.setBody(new Data(new Binary(new byte[0])));

        assertThat(Messages.read(Messages.encode(message)).availableAtMs(1000)).isEqualTo(Long.MAX_VALUE);
    }

    private static void assertHeader(AmqpMessage message, Header header) {
        Header expected = header == null ? new Header() : header;
        assertThat(message.durable()).isEqualTo(Boolean.TRUE.equals(expected.getDurable()));
        assertThat(message.priority())
                .isEqualTo(
                        expected.getPriority() == null
                                ? 4
                                : expected.getPriority().intValue());
        assertThat(message.ttlMs())
                .isEqualTo(expected.getTtl() == null ? -1 : expected.getTtl().longValue());
        assertThat(message.firstAcquirer()).isEqualTo(Boolean.TRUE.equals(expected.getFirstAcquirer()));
        assertThat(message.priorDeliveries())
                .isEqualTo(
                        expected.getDeliveryCount() == null
                                ? 0
                                : expected.getDeliveryCount().intValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"JMSXGroupID", "_AMQ_GROUP_ID"})
    void hasTheGroupThatOlderClientsNameInAProperty(String name) {
        Message message = Message.Factory.create();
        message.setApplicationProperties(new ApplicationProperties(java.util.Map.of(name, "g")));

        assertThat(Messages.read(Messages.encode(message)).group()).isEqualTo("g");
    }

    @SuppressWarnings("JavaUtilDate")
    private static void assertProperties(AmqpMessage message, Properties properties) {
        Properties expected = properties == null ? new Properties() : properties;
        assertThat(message.group()).isEqualTo(expected.getGroupId());
        assertThat(message.subject()).isEqualTo(expected.getSubject());
        assertThat(message.to()).isEqualTo(expected.getTo());
        assertThat(message.expiresAtMs())
                .isEqualTo(
                        expected.getAbsoluteExpiryTime() == null
                                ? -1
                                : expected.getAbsoluteExpiryTime().getTime());
        ByteBuffer id = message.encodedMessageId();
        assertThat(id == null ? null : Proton.decode(id)).isEqualTo(expected.getMessageId());
    }

    @Test
    @SuppressWarnings("JavaUtilDate")
    void showsApplicationPropertiesInJdkTypes() {
        var id = UUID.nameUUIDFromBytes(new byte[] {1});
        var map = new LinkedHashMap<String, Object>();
        map.put("ubyte", UnsignedByte.valueOf((byte) -1));
        map.put("ushort", UnsignedShort.valueOf((short) -1));
        map.put("uint", UnsignedInteger.MAX_VALUE);
        map.put("ulong", UnsignedLong.valueOf(7));
        map.put("ulong-max", new UnsignedLong(-1));
        map.put("byte", (byte) 1);
        map.put("long", 5L);
        map.put("double", 1.5);
        map.put("char", 'c');
        map.put("symbol", Symbol.valueOf("s"));
        map.put("uuid", id);
        map.put("time", new java.util.Date(1234));
        map.put("binary", new Binary(new byte[] {1, 2}));
        map.put("decimal", new Decimal32(5));
        Message source = Message.Factory.create();
        source.setApplicationProperties(new ApplicationProperties(map));

        AmqpMessage message = Messages.read(Messages.encode(source));

        assertThat(message.property("ubyte")).isEqualTo(255);
        assertThat(message.property("ushort")).isEqualTo(65_535);
        assertThat(message.property("uint")).isEqualTo(4_294_967_295L);
        assertThat(message.property("ulong")).isEqualTo(7L);
        assertThat(message.property("ulong-max")).isEqualTo(new BigInteger("18446744073709551615"));
        assertThat(message.property("byte")).isEqualTo((byte) 1);
        assertThat(message.property("long")).isEqualTo(5L);
        assertThat(message.property("double")).isEqualTo(1.5);
        assertThat(message.property("char")).isEqualTo("c");
        assertThat(message.property("symbol")).isEqualTo("s");
        assertThat(message.property("uuid")).isEqualTo(id);
        assertThat(message.property("time")).isEqualTo(1234L);
        assertThat((byte[]) message.property("binary")).containsExactly(1, 2);
        assertThat(message.property("decimal")).isNull();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "",
                "00537045",
                "005375a000 005375a000 005375b000000000",
                "00537645 005376c00100 005376d00000000400000000",
                "00537740",
                "005377 00 5340 45",
                "005377d0 00000004 7fffffff",
                "0080000000000000 007045 005375a000",
                "00a310 616d71703a6865616465723a6c697374 45 005375a000",
                "005370c00100 005371c10100 005372c10100 00537345 005374c10100 005375a000 005378c10100",
                "005370c00c05 41 5004 70000003e8 41 5207",
                "005370c00605 4040404040",
                "005372c1 07 02 a30178 a10179",
            })
    @Spec(section = "3.2", says = "sections in any legal combination are taken, and come out as they came")
    void isAccepted(String hex) {
        assertThat(Messages.read(bytes(hex)).size()).isEqualTo(bytes(hex).length);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "43,                                a described type is missing at byte 1",
        "005379 45,                         an unknown section at byte 3",
        "00531045,                          an unknown section",
        "00a30161 45,                       an unknown section",
        "00537045 00537045,                 a header section must not follow a header",
        "005372c10100 00537045,             a header section must not follow a message-annotations",
        "005372c10100 005371c10100,         a delivery-annotations section must not follow a message-annotations",
        "005375a000 00537345,               a properties section must not follow a data",
        "005375a000 00537740,               a amqp-value section must not follow a data",
        "00537740 00537740,                 a amqp-value section must not follow a amqp-value",
        "005375a000 00537645,               a amqp-sequence section must not follow a data",
        "005378c10100 005375a000,           a data section must not follow a footer",
        "005370c0070640404040 4040,         it has 1 more fields than it may have",
        "005370c0020143,                    0x43 where a boolean must be",
        "005370c10100,                      0xc1 where a list must be",
        "00537245,                          must be a map",
        "005372c1020140,                    every key has a value",
        "005373d0ffffffff00000000,          a length of 4294967295",
        "005375b0ffffffff,                  a length of 4294967295",
        "005375a10161,                      0xa1 where a binary must be",
        "00537640,                          an amqp-sequence section must be a list",
        "005377b1 7fffffff 00,              a length of 2147483647",
        "0053,                              a section ends too early",
        "005377,                            a section ends too early",
        "005377ff,                          0xff is not a type",
        "005374 d1 00000004 7ffffffe,       elements are more than fit",
        "005374 c1 0b 02 a10161 f0 00000005 00,  a length of",
        "005374 c1 0e 02 a10161 f0 00000005 000fffff 41, an array of 1048575 elements without bytes",
    })
    @Spec(section = "3.2", says = "sections out of order, repeated or unknown are a decode error")
    void isRefused(String hex, String message) {
        assertThatExceptionOfType(AmqpMessageException.class)
                .isThrownBy(() -> Messages.read(bytes(hex)))
                .withMessageContaining(message)
                .withMessageContaining(" at byte ")
                .satisfies(error -> assertThat(error.offset()).isBetween(0, bytes(hex).length));
    }

    @Test
    @Spec(section = "Robustness", says = "what is nested too deep is refused")
    void isRefusedWhenNestedTooDeep() {
        ByteBuffer deep = ByteBuffer.allocate(100_000).put(bytes("005372d1"));
        int depth = 5000;
        deep.putInt(4 + 2 + depth * 9).putInt(2).put(bytes("a300"));
        for (int i = depth; i > 0; i--) {
            deep.put((byte) 0xd0).putInt(i * 9 - 5).putInt(i == 1 ? 0 : 1);
        }
        byte[] inAnnotations = Arrays.copyOf(deep.array(), deep.position());
        var described = new byte[50_000];
        System.arraycopy(bytes("005377"), 0, described, 0, 3);
        for (int i = 3; i + 3 < described.length; i += 3) {
            described[i + 1] = 0x53;
        }

        for (byte[] message : List.of(inAnnotations, described)) {
            assertThatExceptionOfType(AmqpMessageException.class)
                    .isThrownBy(() -> Messages.read(message))
                    .withMessageContaining("nested deeper");
        }
    }

    @Test
    void inAFileIsReadFromItsHead() {
        var random = new Random(5);
        var spool = new FakeSpool(1000);
        for (int i = 0; i < 500; i++) {
            org.apache.qpid.proton.message.Message source = Messages.random(random);
            source.setBody(new Data(new Binary(new byte[500 + random.nextInt(2000)])));
            source.setFooter(null);
            byte[] encoded = Messages.encode(source);
            AmqpMessage whole = Messages.read(encoded);

            AmqpMessage spooled = AmqpFormat.INSTANCE.read(spool.body(encoded, encoded.length - 300));

            assertThat(spooled)
                    .usingRecursiveComparison()
                    .ignoringFields("body", "head")
                    .isEqualTo(whole);
            assertThat(spooled.to()).isEqualTo(whole.to());
        }
    }

    @Test
    void inAFileHasItsBodyBegunInItsHead() {
        org.apache.qpid.proton.message.Message source = org.apache.qpid.proton.message.Message.Factory.create();
        source.setAddress("x".repeat(1000));
        source.setBody(new Data(new Binary(new byte[5000])));
        byte[] encoded = Messages.encode(source);
        var spool = new FakeSpool(1000);

        for (int head : new int[] {500, encoded.length - 5008, encoded.length - 5007, encoded.length - 5001}) {
            assertThatExceptionOfType(AmqpMessageException.class)
                    .isThrownBy(() -> AmqpFormat.INSTANCE.read(spool.body(encoded, head)))
                    .withMessageContaining("must be in its first " + head);
        }
        assertThat(AmqpFormat.INSTANCE
                        .read(spool.body(encoded, encoded.length - 5000))
                        .to())
                .hasSize(1000);
    }

    @Test
    void inAFileHasAllOfItsBody() {
        byte[] encoded = Messages.data(5000);
        byte[] shorter = Arrays.copyOf(encoded, 4900);

        assertThatExceptionOfType(AmqpMessageException.class)
                .isThrownBy(() -> AmqpFormat.INSTANCE.read(new FakeSpool(1000).body(shorter, 1000)))
                .withMessageContaining("ends beyond the message");
    }

    @Test
    void isReadAlikeWhateverItsLinkReadBefore() {
        var random = new Random(5);
        var reused = new MessageScan();
        for (int seed = 0; seed < 2_000; seed++) {
            byte[] bytes = Messages.encode(Messages.random(new Random(seed)));
            try {
                reused.read(inline(Mutations.of(random, ByteBuffer.wrap(bytes))));
            } catch (AmqpMessageException expected) {
                assertThat(expected.offset()).isNotNegative();
            }

            assertThat(reused.read(Body.Inline.of(bytes)))
                    .usingRecursiveComparison()
                    .ignoringFields("body", "head")
                    .isEqualTo(Messages.read(bytes));
        }
    }

    private static Body.Inline inline(ByteBuffer bytes) {
        var copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return Body.Inline.of(copy);
    }

    @Test
    void isReadOrRefusedWhateverItsBytes() {
        var random = new Random(99);
        int refused = 0;
        for (int i = 0; i < 60_000; i++) {
            byte[] valid = Messages.encode(Messages.random(new Random(i % 500)));
            ByteBuffer mutated = Mutations.of(random, ByteBuffer.wrap(valid));
            var bytes = new byte[mutated.remaining()];
            mutated.get(bytes);
            try {
                AmqpMessage message = Messages.read(bytes);
                message.subject();
                message.to();
                message.property("text");
                message.encodedMessageId();
                new OutgoingMessage().encode(new Sample(message), java.util.Map.of("x-opt-a", 1), 0, null);
            } catch (AmqpMessageException expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1000, 59_000);
    }

    @Test
    void isReadOrRefusedWhereverItIsCut() {
        for (int seed = 0; seed < 60; seed++) {
            byte[] valid = Messages.encode(Messages.random(new Random(seed)));
            for (int length = 0; length < valid.length; length++) {
                try {
                    Messages.read(Arrays.copyOf(valid, length));
                } catch (AmqpMessageException expected) {
                    assertThat(expected.offset()).isLessThanOrEqualTo(length);
                }
            }
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
