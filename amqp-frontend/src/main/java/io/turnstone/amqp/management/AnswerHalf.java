package io.turnstone.amqp.management;

import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import io.turnstone.api.Transaction;
import org.jspecify.annotations.Nullable;

/** The half of a pair on which answers leave, settled. Owned by the loop of its connection. */
final class AnswerHalf implements Consumer {

    private final NodePair pair;
    private final String peerAddress;
    private final Listener listener;
    private long limit;
    private long sent;

    AnswerHalf(NodePair pair, String peerAddress, Listener listener) {
        this.pair = pair;
        this.peerAddress = peerAddress;
        this.listener = listener;
    }

    /** What the peer calls its own end. */
    String peerAddress() {
        return peerAddress;
    }

    @Override
    public String queue() {
        return pair.node().address();
    }

    @Override
    public void flow(long newLimit, boolean drain) {
        limit = newLimit;
        pair.send(this);
        if (drain) {
            limit = sent;
            listener.drained();
        }
    }

    boolean takes() {
        return sent < limit;
    }

    void deliver(Delivery answer) {
        sent++;
        listener.deliver(answer);
    }

    @Override
    public void written(long bytes) {}

    @Override
    public void settle(Delivery delivery, Outcome outcome, boolean confirm) {}

    @Override
    public void settle(Delivery delivery, Outcome outcome, Transaction transaction, @Nullable Outcome otherwise) {}

    @Override
    public void suspend() {}

    @Override
    public void close(boolean lost) {
        pair.gone(this);
    }
}
