package io.turnstone.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.turnstone.amqp.Spec;
import io.turnstone.amqp.error.ConnectionError;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.security.SaslResponse;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The codec of performatives")
class PerformativeCodecTest {

    private final PerformativeCodec codec = new PerformativeCodec();
    private final Frames out = new Frames();

    @Test
    void readsBackWhatItWrites() {
        for (FrameBody performative : performatives()) {
            codec.encode(300, performative, out);

            assertThat(out.channel()).isEqualTo(300);
            assertThat(out.type()).isEqualTo(FrameReader.AMQP);
            ByteBuffer body = out.body();
            assertThat(codec.decode(body)).hasToString(performative.toString());
            assertThat(body.hasRemaining()).isFalse();
        }
    }

    @Test
    void readsBackSaslFrames() {
        var mechanisms = new SaslMechanisms();
        mechanisms.setSaslServerMechanisms(Symbol.valueOf("PLAIN"), Symbol.valueOf("ANONYMOUS"));
        var init = new SaslInit();
        init.setMechanism(Symbol.valueOf("PLAIN"));
        init.setInitialResponse(new Binary(new byte[] {0, 1}));
        var response = new SaslResponse();
        response.setResponse(new Binary(new byte[] {5}));
        var outcome = new SaslOutcome();
        outcome.setCode(org.apache.qpid.proton.amqp.security.SaslCode.AUTH);
        for (var frame : List.of(mechanisms, init, response, outcome)) {
            codec.encodeSasl(frame, out);

            assertThat(out.type()).isEqualTo(FrameReader.SASL);
            assertThat(codec.decodeSasl(out.body())).hasToString(frame.toString());
        }
    }

    @Test
    void writesHeartbeats() {
        PerformativeCodec.encodeHeartbeat(out);

        assertThat(HexFormat.of().formatHex(out.take().array())).isEqualTo("0000000802000000");
    }

    @Test
    @Spec(section = "2.8.15", says = "frame-size-too-small: an answer does not fit into the peer's frames")
    void refusesToSendMoreThanThePeerTakes() {
        codec.peerMaxFrameSize(64);
        var open = (Open) performatives().get(0);

        assertThatExceptionOfType(ConnectionError.class)
                .isThrownBy(() -> codec.encode(0, open, out))
                .withMessageContaining("peer's max-frame-size 64")
                .satisfies(error -> assertThat(error.condition().toString()).isEqualTo("amqp:frame-size-too-small"));
    }

    @Test
    void takesStringsForSymbolsAsKeys() {
        var open = new Open();
        open.setContainerId("c");
        open.setProperties(Map.of("product", "p"));

        var decoded = (Open) codec.decode(Proton.encode(open));

        assertThat((Object) decoded.getProperties()).isEqualTo(Map.of(Symbol.valueOf("product"), "p"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "00531045,                     'open: field container-id is missing'",
        "005310c0020143,               'open: '",
        "005311c0040340 4343,          'begin: field outgoing-window is missing'",
        "005311c005044043 4043,        'begin: field incoming-window is missing'",
        "005312c004034043 41,         'attach: field name is missing'",
        "005312c0060 3a10161 4041,     'attach: field handle is missing'",
        "005312c0060 3a10161 4340,     'attach: field role is missing'",
        "005312c0060 3a10161 4342,     'attach: field initial-delivery-count is missing'",
        "00531645,                     'detach: field handle is missing'",
        "005316c0020141,               'detach: '",
        "00531945,                     'an AMQP frame must begin with a performative'",
        "00534145,                     'an AMQP frame must begin with a performative'",
        "43,                           'an AMQP frame must begin with a performative'",
        "0053,                         'an AMQP frame must begin with a performative'",
        "005317c003014343,             'end: its fields do not fill its list'",
        "005317d0fffffffff0000000,     'end: a length of 4294967295'",
        "005317d000000008000000010000, 'end: '",
        "005310c0090aa10161404040404040, 'open: 10 fields are more than fit in the list'",
        "005310c00e0ba1016340404040404040404040, 'open: it has 1 more fields than it may have'",
        "005316c0050443424040,         'detach: it has 1 more fields than it may have'",
    })
    @Spec(section = "1.3.4", says = "a missing mandatory field is a decode error")
    @Spec(section = "1.3.4", says = "a field of the wrong type is a decode error")
    void namesWhatIsWrong(String hex, String message) {
        ByteBuffer body = ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));

        assertThatExceptionOfType(ConnectionError.class)
                .isThrownBy(() -> codec.decode(body))
                .withMessageStartingWith(message)
                .satisfies(error -> assertThat(error.condition().toString()).isEqualTo("amqp:decode-error"));
    }

    @Test
    @Spec(section = "1.2", says = "nesting and the size of arrays are limited")
    @Spec(section = "Robustness", says = "what is nested too deep is refused")
    @Spec(section = "1.2", says = "arrays of elements without bytes are read")
    void limitsNestingArraysAndCounts() {
        refuses(nested(40), "nested deeper");
        refuses(open("f0 0000000a 00000100 41"), "a length of");
        refuses(open("f0 00000005 7fffffff 41"), "2147483647 elements are more than the 4096 allowed");
        refuses(open("f0 00000005 00000100 41"), "without bytes");
        refuses(open("f0 00000005 00000100 45"), "without bytes");
        refuses(open("d1 00000004 7ffffffe"), "2147483646 elements are more than the 4096 allowed");
        refuses(open("c1 0201 40"), "a map must not have 1 elements");
        refuses(open("e0 02ffa3"), "");
        var many = new Open();
        many.setContainerId("c");
        many.setDesiredCapabilities(new Symbol[5000]);
        java.util.Arrays.fill(many.getDesiredCapabilities(), Symbol.valueOf("x"));
        refuses(Proton.encode(many), "5000 elements are more than the 4096 allowed");
    }

    private void refuses(ByteBuffer body, String message) {
        assertThatExceptionOfType(ConnectionError.class)
                .isThrownBy(() -> codec.decode(body))
                .withMessageStartingWith("open: ")
                .withMessageContaining(message);
    }

    /** An open whose properties are that value. */
    private static ByteBuffer open(String properties) {
        byte[] value = HexFormat.of().parseHex(properties.replace(" ", ""));
        ByteBuffer body = ByteBuffer.allocate(64).put(HexFormat.of().parseHex("005310c0"));
        body.put((byte) (12 + value.length)).put((byte) 10).put(HexFormat.of().parseHex("a10163"));
        body.put(HexFormat.of().parseHex("4040404040404040")).put(value);
        return body.flip();
    }

    private static ByteBuffer nested(int depth) {
        ByteBuffer body = ByteBuffer.allocate(1024).put(HexFormat.of().parseHex("005310d0"));
        int size = depth * 9;
        body.putInt(4 + 3 + 8 + size).putInt(10).put(HexFormat.of().parseHex("a10163"));
        body.put(HexFormat.of().parseHex("4040404040404040"));
        for (int i = depth; i > 0; i--) {
            body.put((byte) 0xd0).putInt(i * 9 - 5).putInt(i == 1 ? 0 : 1);
        }
        return body.flip();
    }

    @Test
    void throwsNothingButConnectionErrorsOnGarbage() {
        var random = new Random(7);
        List<FrameBody> valid = performatives();
        for (int i = 0; i < 60_000; i++) {
            ByteBuffer body = Mutations.of(random, Proton.encode(valid.get(i % valid.size())));
            try {
                codec.decode(body);
            } catch (ConnectionError expected) {
                assertThat(expected.condition().toString()).isEqualTo("amqp:decode-error");
            }
        }
        for (FrameBody performative : valid) {
            ByteBuffer whole = Proton.encode(performative);
            for (int length = 0; length < whole.limit(); length++) {
                ByteBuffer cut = whole.duplicate().limit(length);
                assertThatExceptionOfType(ConnectionError.class).isThrownBy(() -> codec.decode(cut));
            }
            assertThat(codec.decode(whole)).hasToString(performative.toString());
        }
    }

    private static List<FrameBody> performatives() {
        var open = new Open();
        open.setContainerId("container");
        open.setHostname("host");
        open.setMaxFrameSize(UnsignedInteger.valueOf(131_072));
        open.setChannelMax(UnsignedShort.valueOf((short) 63));
        open.setOfferedCapabilities(Symbol.valueOf("ANONYMOUS-RELAY"), Symbol.valueOf("SHARED-SUBS"));
        open.setProperties(new LinkedHashMap<>(Map.of(Symbol.valueOf("product"), "turnstone")));
        var begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ONE);
        begin.setIncomingWindow(UnsignedInteger.MAX_VALUE);
        begin.setOutgoingWindow(UnsignedInteger.ZERO);
        var detach = new Detach();
        detach.setHandle(UnsignedInteger.valueOf(5));
        detach.setClosed(true);
        detach.setError(new ErrorCondition(Symbol.valueOf("amqp:not-found"), "no queue"));
        var close = new Close();
        close.setError(new ErrorCondition(Symbol.valueOf("amqp:connection:forced"), "bye"));
        return List.of(open, begin, attach(), detach, new End(), close);
    }

    private static Attach attach() {
        var source = new Source();
        source.setAddress("queue");
        source.setCapabilities(Symbol.valueOf("queue"));
        source.setOutcomes(Symbol.valueOf("amqp:accepted:list"));
        source.setDefaultOutcome(Accepted.getInstance());
        source.setFilter(new LinkedHashMap<>(Map.of(Symbol.valueOf("jms-selector"), "a = 1")));
        var target = new Target();
        target.setAddress("somewhere");
        target.setDynamicNodeProperties(new LinkedHashMap<>(Map.of(Symbol.valueOf("supported-dist-modes"), "move")));
        var attach = new Attach();
        attach.setName("link");
        attach.setHandle(UnsignedInteger.valueOf(700));
        attach.setRole(Role.SENDER);
        attach.setSource(source);
        attach.setTarget(target);
        attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        attach.setMaxMessageSize(UnsignedLong.valueOf(1 << 20));
        attach.setUnsettled(new LinkedHashMap<>(Map.of(new Binary(new byte[] {1}), Accepted.getInstance())));
        return attach;
    }
}
