package io.turnstone.amqp.management;

import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.error.SessionError;
import io.turnstone.amqp.message.MessageScan;
import io.turnstone.api.Body;
import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.Publisher;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.jspecify.annotations.Nullable;

/**
 * One pair of links to a node of the broker: requests come in on one half and are done one after another, answers leave on
 * the other as it has credit. Owned by the loop of its connection.
 */
final class NodePair {

    /** Requests of which the answer has not left; beyond it the peer gets no credit. */
    static final int MOST_PENDING = NodePairs.CREDIT;

    /** An answer on its way out, without a header. */
    private record Reply(Message message) implements Delivery {
        private static final Overlay OVERLAY = Overlay.arrival("", "", 0, Message.NONE);

        @Override
        public Overlay overlay() {
            return OVERLAY;
        }

        @Override
        public boolean firstAcquirer() {
            return false;
        }
    }

    private final BrokerNode node;
    private final RequestNode behind;
    private final Loop loop;
    private final java.util.function.Consumer<SessionError> end;
    private final Runnable unused;
    private final MessageScan scan = new MessageScan();
    private final ArrayDeque<Supplier<CompletionStage<Body.Inline>>> waiting = new ArrayDeque<>();
    private final ArrayDeque<Delivery> answers = new ArrayDeque<>();
    private boolean busy;
    private @Nullable RequestHalf requests;
    private @Nullable AnswerHalf responses;

    /**
     * A pair without links.
     *
     * @param end ends the session
     * @param unused told when neither half is left
     */
    NodePair(
            BrokerNode node,
            RequestNode behind,
            Loop loop,
            java.util.function.Consumer<SessionError> end,
            Runnable unused) {
        this.node = node;
        this.behind = behind;
        this.loop = loop;
        this.end = end;
        this.unused = unused;
    }

    BrokerNode node() {
        return node;
    }

    /** @throws LinkError when the peer calls its own end otherwise than that of the other half */
    Publisher requests(String ownAddress, Publisher.Listener listener) {
        check(requests == null, ownAddress, responses == null ? ownAddress : responses.peerAddress());
        var half = new RequestHalf(this, ownAddress, listener);
        requests = half;
        return half;
    }

    /** The other half; the same rule. */
    Consumer responses(String ownAddress, Consumer.Listener listener) {
        check(responses == null, ownAddress, requests == null ? ownAddress : requests.peerAddress());
        var half = new AnswerHalf(this, ownAddress, listener);
        responses = half;
        return half;
    }

    private void check(boolean first, String own, String other) {
        if (!node.paired()) {
            if (!first) {
                throw new LinkError(
                        AmqpError.NOT_ALLOWED,
                        "the session has one sender and one receiver at " + node.address()
                                + ", which serve for any number of requests; close them first, or begin another session");
            }
        } else if (!own.equals(other)) {
            throw NodePairs.failed("the source of the sender and the target of the receiver of a pair must be the"
                    + " same address: '" + own + "' is not '" + other + "'");
        }
    }

    /** Whether more requests may come. */
    boolean hasRoom() {
        return waiting.size() + answers.size() + (busy ? 1 : 0) < MOST_PENDING;
    }

    void take(Message message) {
        if (responses == null) {
            throw NodePairs.failed("a request came before its answer had a way: attach a receiver from "
                    + node.address()
                    + (node.paired() ? " with the same link name first" : " on this session first"));
        }
        if (!(message.body() instanceof Body.Inline inline)) {
            throw new IllegalStateException("a request is never as large as that");
        }
        waiting.add(behind.read(inline));
        next();
        tellRoom();
    }

    private void next() {
        Supplier<CompletionStage<Body.Inline>> request = busy ? null : waiting.poll();
        if (request == null) {
            return;
        }
        busy = true;
        request.get().whenComplete((answer, failure) -> {
            if (loop.inLoop()) {
                answered(answer, failure);
            } else {
                loop.execute(() -> answered(answer, failure));
            }
        });
    }

    private void answered(Body.@Nullable Inline answer, @Nullable Throwable failure) {
        busy = false;
        if (answer == null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            end.accept(
                    cause instanceof SessionError denied
                            ? denied
                            : new SessionError(AmqpError.INTERNAL_ERROR, "the broker failed; see its log"));
            return;
        }
        AnswerHalf out = responses;
        if (out != null) {
            answers.add(new Reply(scan.read(answer)));
            send(out);
        }
        next();
    }

    /** Lets answers leave, as far as there is credit. */
    void send(AnswerHalf out) {
        boolean full = !hasRoom();
        while (!answers.isEmpty() && out.takes()) {
            out.deliver(answers.remove());
        }
        if (full) {
            tellRoom();
        }
    }

    private void tellRoom() {
        RequestHalf in = requests;
        if (in != null) {
            in.tellRoom();
        }
    }

    /** A half is gone: what it had under way goes with it. */
    void gone(RequestHalf half) {
        if (requests == half) {
            requests = null;
            waiting.clear();
            leave();
        }
    }

    void gone(AnswerHalf half) {
        if (responses == half) {
            responses = null;
            waiting.clear();
            answers.clear();
            tellRoom();
            leave();
        }
    }

    private void leave() {
        if (requests == null && responses == null) {
            unused.run();
        }
    }
}
