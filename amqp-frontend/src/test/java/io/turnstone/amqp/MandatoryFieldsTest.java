package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** As a peer would write it that forgot the field: a null in its place. */
@DisplayName("A frame without a mandatory field, or with one that cannot be, is a decode error:")
class MandatoryFieldsTest {

    private static final UnsignedInteger NUMBER = UnsignedInteger.valueOf(7);
    private static final List<Object> BEGIN = Arrays.asList(null, NUMBER, NUMBER, NUMBER);
    private static final List<Object> ATTACH =
            Arrays.asList("link", NUMBER, false, null, null, null, null, null, null, NUMBER);
    private static final List<Object> FLOW = Arrays.asList(NUMBER, NUMBER, NUMBER, NUMBER);
    private static final List<Object> TRANSFER = Arrays.asList(NUMBER, NUMBER, new Binary(new byte[1]));

    private static void refused(int code, List<Object> fields, int missing, String name) {
        refused(code, fields, missing, null, "field " + name + " is missing");
    }

    private static void refused(int code, List<Object> fields, int at, Object value, String words) {
        var peer = new ScriptedPeer().opened();
        if (code != 0x11) {
            peer.send(0, peer.begin());
            peer.expect(Begin.class);
        }
        var changed = new ArrayList<>(fields);
        changed.set(at, value);

        peer.raw(peer.frame(0, 0, new UnknownDescribedType(UnsignedLong.valueOf(code), changed)));

        var error = peer.expect(Close.class).getError();
        assertThat(error.getCondition().toString()).isEqualTo("amqp:decode-error");
        assertThat(error.getDescription()).contains(words);
    }

    @Test
    @Spec(section = "2.7.2", says = "next-outgoing-id, incoming-window and outgoing-window are mandatory")
    void begin() {
        refused(0x11, BEGIN, 1, "next-outgoing-id");
        refused(0x11, BEGIN, 2, "incoming-window");
        refused(0x11, BEGIN, 3, "outgoing-window");
    }

    @Test
    @Spec(section = "2.7.3", says = "name, handle and role are mandatory")
    @Spec(section = "2.7.3", says = "initial-delivery-count is mandatory for a sender")
    void attach() {
        refused(0x12, ATTACH, 0, "name");
        refused(0x12, ATTACH, 1, "handle");
        refused(0x12, ATTACH, 2, "role");
        refused(0x12, ATTACH, 9, "initial-delivery-count");
    }

    @Test
    @Spec(section = "2.7.4", says = "its windows are mandatory")
    void flow() {
        refused(0x13, FLOW, 1, "incoming-window");
        refused(0x13, FLOW, 2, "next-outgoing-id");
        refused(0x13, FLOW, 3, "outgoing-window");
    }

    @Test
    @Spec(section = "2.7.5", says = "handle is mandatory")
    void transfer() {
        refused(0x14, TRANSFER, 0, "handle");
    }

    @Test
    @Spec(section = "2.7.6", says = "role and first are mandatory")
    void disposition() {
        refused(0x15, Arrays.asList(true, NUMBER), 0, "role");
        refused(0x15, Arrays.asList(true, NUMBER), 1, "first");
    }

    @Test
    @Spec(section = "2.7.7", says = "handle is mandatory in a detach")
    void detach() {
        refused(0x16, Arrays.asList(NUMBER, true), 0, "handle");
    }

    @Test
    @Spec(section = "2.7.3", says = "a settle mode that there is not is a decode error")
    @Spec(section = "3.5.9", says = "termini of the wrong type, or with values that there are not, are a decode error")
    void withAChoiceThatThereIsNot() {
        refused(0x12, ATTACH, 3, UnsignedByte.valueOf((byte) 3), "attach: ");
        refused(0x12, ATTACH, 4, UnsignedByte.valueOf((byte) 2), "attach: ");
        refused(0x12, ATTACH, 5, Accepted.getInstance(), "attach: ");
        refused(0x12, ATTACH, 6, "q", "attach: ");
        refused(0x12, ATTACH, 5, source(Arrays.asList("q", UnsignedInteger.valueOf(9))), "attach: ");
        refused(0x12, ATTACH, 5, source(Arrays.asList("q", null, Symbol.valueOf("when-i-say-so"))), "attach: ");
        refused(0x12, ATTACH, 5, source(Arrays.asList("q", null, null, "soon")), "attach: ");
    }

    private static UnknownDescribedType source(List<Object> fields) {
        return new UnknownDescribedType(UnsignedLong.valueOf(0x28), fields);
    }
}
