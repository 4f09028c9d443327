package io.turnstone.amqp.management;

import io.turnstone.api.Address;
import io.turnstone.api.Message;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.Transaction;
import org.jspecify.annotations.Nullable;

/** The half of a pair on which requests come. Owned by the loop of its connection. */
final class RequestHalf implements Publisher {

    private final NodePair pair;
    private final String peerAddress;
    private final Listener listener;
    private boolean told = true;

    RequestHalf(NodePair pair, String peerAddress, Listener listener) {
        this.pair = pair;
        this.peerAddress = peerAddress;
        this.listener = listener;
    }

    /** What the peer calls its own end. */
    String peerAddress() {
        return peerAddress;
    }

    @Override
    public Address address() {
        return new Address.Anonymous();
    }

    @Override
    public void publish(Message message, @Nullable PublishListener unsettled) {
        if (unsettled != null && pair.node().paired()) {
            throw NodePairs.failed(
                    "requests to " + pair.node().address() + " must be sent settled: their answer says all");
        }
        pair.take(message);
        if (unsettled != null) {
            unsettled.published(PublishOutcome.ACCEPTED);
        }
    }

    @Override
    public void publish(Address to, Message message, @Nullable PublishListener unsettled) {
        publish(message, unsettled);
    }

    @Override
    public void publish(Address to, Message message, Transaction transaction, @Nullable PublishListener unsettled) {
        throw NodePairs.failed(
                "requests to " + pair.node().address() + " are no part of a transaction; send them without a txn-id");
    }

    @Override
    public boolean open() {
        return pair.hasRoom();
    }

    /** Tells the link if it may not get credit any more, or may again. */
    void tellRoom() {
        if (told != pair.hasRoom()) {
            told = !told;
            listener.flow(told);
        }
    }

    @Override
    public void close() {
        pair.gone(this);
    }
}
