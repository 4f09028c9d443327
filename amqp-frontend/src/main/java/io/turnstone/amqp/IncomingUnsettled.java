package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.codec.Serial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one session that came and that their senders are to settle, by delivery-id. Owned by the loop of its
 * connection.
 */
final class IncomingUnsettled {

    private final AmqpSession session;
    private final Map<Integer, Remembered> byId = new LinkedHashMap<>(0);
    private final Dispositions accepted = Dispositions.unsettled(Accepted.getInstance());

    IncomingUnsettled(AmqpSession session) {
        this.session = session;
    }

    /** Tells the sender what became of a delivery. */
    void tell(int deliveryId, DeliveryState state) {
        if (state instanceof Accepted) {
            accepted.add(deliveryId);
            session.connection().turnEnd().add(session);
        } else {
            session.connection().out().provisional(session.channel(), deliveryId, state);
        }
    }

    /** Says what was collected. */
    void flush(int channel, FrameWriter out) {
        accepted.flush(channel, out);
    }

    void add(Remembered delivery) {
        byId.put(delivery.id(), delivery);
    }

    void remove(Remembered delivery) {
        byId.remove(delivery.id(), delivery);
    }

    /** Forgets the deliveries that came over one link. */
    void removeAll(List<Remembered> deliveries) {
        deliveries.forEach(this::remove);
    }

    /** The senders have settled those from {@code first} to {@code last} (serial numbers) that are here. */
    void settled(int first, int last) {
        if (byId.isEmpty() || Serial.before(last, first)) {
            return;
        }
        // Whatever the width of the range: no more work than there are deliveries.
        if (Serial.distance(first, last) < byId.size()) {
            for (int id = first; ; id++) {
                settled(byId.remove(id));
                if (id == last) {
                    return;
                }
            }
        }
        for (Remembered each : new ArrayList<>(byId.values())) {
            if (!Serial.before(each.id(), first) && !Serial.before(last, each.id())) {
                settled(byId.remove(each.id()));
            }
        }
    }

    private static void settled(@Nullable Remembered delivery) {
        if (delivery != null) {
            delivery.settledBySender();
        }
    }
}
