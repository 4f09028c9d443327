package io.turnstone.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;

/** A receiver that settles last, and remembers over connections what it has processed that is not settled. Used by one thread. */
final class TrackingReceiver {

    final Map<Binary, DeliveryState> unsettled = new LinkedHashMap<>();
    final List<String> processed = new ArrayList<>();
    private final Map<Integer, Binary> byId = new HashMap<>();
    private final Consumer<Source> terms;
    private final int credit;

    /** @param terms how long its source in queue {@code q} lives */
    TrackingReceiver(int credit, Consumer<Source> terms) {
        this.credit = credit;
        this.terms = terms;
    }

    /** Whether it has processed so many, and the broker knows. */
    boolean isThrough(int messages) {
        return processed.size() >= messages && unsettled.isEmpty();
    }

    /** Connects, compares what is unsettled, and has credit. */
    RawPeer connected(int port) throws IOException {
        var peer = new RawPeer(port);
        peer.login();
        var open = new Open();
        open.setContainerId("reader");
        open.setHostname("localhost");
        peer.send(open);
        peer.send(RawPeer.begin());
        peer.await(Open.class);
        peer.await(Begin.class);
        Attach attach = RawPeer.attach("reading", 0, Role.RECEIVER, "/queues/q");
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        attach.setUnsettled(unsettled);
        terms.accept((Source) attach.getSource());
        peer.send(attach);
        Map<?, ?> theirs = peer.await(Attach.class).getUnsettled();
        unsettled.keySet().retainAll(theirs.keySet());
        peer.send(RawPeer.credit(0, credit));
        byId.clear();
        return peer;
    }

    /** Processes what came, unless it has before. */
    void take(RawPeer peer, Object frame) throws IOException {
        if (frame instanceof Transfer transfer) {
            take(peer, transfer);
        } else if (frame instanceof Disposition settled) {
            int first = settled.getFirst().intValue();
            int last = settled.getLast() == null ? first : settled.getLast().intValue();
            for (int id = first; id <= last; id++) {
                unsettled.remove(byId.get(id));
            }
        }
    }

    /** Waits for a delivery that it has no time to process before the connection ends. */
    void miss(RawPeer peer) throws IOException {
        Transfer missed;
        do {
            missed = peer.await(Transfer.class);
        } while (Boolean.TRUE.equals(missed.getSettled()) || unsettled.containsKey(missed.getDeliveryTag()));
    }

    private void take(RawPeer peer, Transfer transfer) throws IOException {
        Binary tag = transfer.getDeliveryTag();
        if (Boolean.TRUE.equals(transfer.getSettled())) {
            unsettled.remove(tag);
            return;
        }
        if (!(unsettled.get(tag) instanceof Accepted)) {
            String text = new String(peer.payload(), StandardCharsets.UTF_8);
            processed.add(text.substring(text.indexOf("message ")));
        }
        unsettled.put(tag, Accepted.getInstance());
        byId.put(transfer.getDeliveryId().intValue(), tag);
        var accepted = new Disposition();
        accepted.setRole(Role.RECEIVER);
        accepted.setFirst(transfer.getDeliveryId());
        accepted.setSettled(false);
        accepted.setState(Accepted.getInstance());
        peer.send(accepted);
    }
}
