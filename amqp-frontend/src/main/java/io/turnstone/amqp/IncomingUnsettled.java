package io.turnstone.amqp;

import io.turnstone.amqp.codec.Serial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one session that came and that their senders are to settle, by delivery-id. Owned by the loop of its
 * connection.
 */
final class IncomingUnsettled {

    private final Map<Integer, Remembered> byId = new LinkedHashMap<>(0);

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
