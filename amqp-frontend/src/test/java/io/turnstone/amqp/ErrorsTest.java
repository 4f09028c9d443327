package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An error")
class ErrorsTest {

    /** What a peer does wrong, and the words that help it. */
    private static Map<String, Consumer<ScriptedPeer>> mistakes() {
        var mistakes = new LinkedHashMap<String, Consumer<ScriptedPeer>>();
        mistakes.put("the first frame must be an open", peer -> peer.headers().send(0, peer.begin()));
        mistakes.put("a second open came", peer -> peer.opened().send(0, peer.open("again")));
        mistakes.put("end it first or take another", peer -> peer.begun().send(0, peer.begin()));
        mistakes.put("channel 256 must be at most 255", peer -> peer.opened().send(256, peer.begin()));
        mistakes.put(
                "channel 3 has no session; begin one first",
                peer -> peer.begun().send(3, new End()));
        mistakes.put(
                "handle 256 must be at most 255",
                peer -> peer.begun().send(0, peer.attach("out", 256, Role.SENDER, "q")));
        mistakes.put(
                "detach its link first or take another",
                peer -> peer.sending("q").send(0, peer.attach("other", 0, Role.SENDER, "q")));
        mistakes.put("handle 9 is not attached", peer -> peer.begun().send(0, ScriptedPeer.detach(9, true)));
        mistakes.put(
                "next-incoming-id 5 is ahead of the last transfer sent",
                peer -> peer.begun().send(0, peer.sessionFlow(5, 10)));
        mistakes.put(
                "queue 'missing' does not exist",
                peer -> peer.begun().send(0, peer.attach("out", 0, Role.SENDER, "/queues/missing")));
        mistakes.put("wait for a flow before sending more", peer -> {
            peer.sending("q");
            peer.together(() -> {
                for (int i = 0; i < 129; i++) {
                    peer.send(0, ScriptedPeer.transfer(i, true), peer.message("m"));
                }
            });
        });
        mistakes.put("message-format 7 is not known; use 0", peer -> {
            Transfer transfer = ScriptedPeer.transfer(0, false);
            transfer.setMessageFormat(UnsignedInteger.valueOf(7));
            peer.sending("q").send(0, transfer, peer.message("m"));
        });
        mistakes.put(
                "an unknown section at byte 3",
                peer -> peer.sending("q")
                        .send(0, ScriptedPeer.transfer(0, false), (byte) 0, (byte) 0x53, (byte) 0x79, (byte) 0x45));
        return mistakes;
    }

    @Test
    @Spec(section = "2.8.14", says = "every error has a condition and a description that says what to do")
    void saysWhatIsWrongAndWhatToDo() {
        mistakes().forEach((words, mistake) -> {
            var peer = new ScriptedPeer();
            mistake.accept(peer);

            ErrorCondition error = null;
            while (peer.hasNext()) {
                ErrorCondition told = error(peer.next().body());
                error = told == null ? error : told;
            }

            assertThat(error).as(words).isNotNull();
            assertThat(error.getCondition().toString()).startsWith("amqp:");
            assertThat(error.getDescription()).contains(words);
        });
    }

    private static ErrorCondition error(Object body) {
        if (body instanceof Close close) {
            return close.getError();
        } else if (body instanceof End end) {
            return end.getError();
        }
        return body instanceof Detach detach ? detach.getError() : null;
    }

    @Test
    @Spec(section = "2.8.15", says = "internal-error: the broker failed")
    void ofTheBrokerItselfIsInternalAndSaysNoMore() {
        var peer = new ScriptedPeer().begun();
        peer.router.topologies = who -> {
            throw new IllegalStateException("a defect");
        };
        Attach attach = peer.attach("management-link-pair", 0, Role.SENDER, "/management");
        attach.setSndSettleMode(SenderSettleMode.SETTLED);
        attach.setProperties(Map.of(Symbol.valueOf("paired"), true));

        peer.send(0, attach);

        peer.expectClosed("amqp:internal-error");
    }

    @Test
    @Spec(section = "2.7.8", says = "end on a channel without session is an error")
    void ofTheWholeConnectionIsAnEndWithoutSession() {
        var peer = new ScriptedPeer().opened();

        peer.send(0, new End());

        peer.expectClosed("amqp:connection:framing-error");
    }

    @Test
    @Spec(section = "2.7.4", says = "what belongs to a link means nothing in a flow without handle")
    void isNotMadeOfAFlowThatMeansNoLink() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 1);
        Flow flow = peer.flow(0, 10);
        flow.setHandle(null);

        peer.send(0, flow);

        peer.expectNothing();
    }

    @Test
    @Spec(section = "Anonymous 2.2.2", says = "without rejected among the outcomes the link is detached")
    void detachesASenderToNowhereThatKnowsNoRejection() {
        var peer = new ScriptedPeer().begun();
        Attach attach = peer.attach("out", 0, Role.SENDER, null);
        attach.setTarget(new Target());
        ((org.apache.qpid.proton.amqp.messaging.Source) attach.getSource())
                .setOutcomes(Symbol.valueOf("amqp:accepted:list"));
        peer.send(0, attach);
        peer.expect(Attach.class);
        peer.expect(Flow.class);

        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("without to"));

        peer.expectDetached("amqp:precondition-failed");
    }
}
