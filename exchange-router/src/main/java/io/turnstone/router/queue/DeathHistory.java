package io.turnstone.router.queue;

import io.turnstone.api.Death;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down why a message died: the overlay it has in the dead-letter queue. Pure; any thread. */
public final class DeathHistory {

    /** Deaths kept per message; the oldest go. */
    public static final int MAX_DEATHS = 32;

    private DeathHistory() {}

    /**
     * The overlay of a message that enters a dead-letter queue: arrived now, without expiry (the target's ttl is added
     * when it enters), charged with no attempts there, and with one more death.
     *
     * @param queue where it died
     * @param error what the rejecting consumer said, or null
     */
    public static Overlay died(Overlay overlay, String queue, DeathReason reason, long nowMs, @Nullable String error) {
        long count = 1;
        long firstAtMs = nowMs;
        List<Death> deaths = new ArrayList<>(overlay.deaths().size() + 1);
        for (Death death : overlay.deaths()) {
            if (death.reason() == reason && death.queue().equals(queue)) {
                count = death.count() + 1;
                firstAtMs = death.firstAtMs();
            } else if (deaths.size() < MAX_DEATHS - 1) {
                deaths.add(death);
            }
        }
        deaths.add(
                0,
                new Death(
                        queue,
                        reason,
                        count,
                        firstAtMs,
                        nowMs,
                        overlay.exchange(),
                        List.of(overlay.routingKey()),
                        error));
        return new Overlay(
                overlay.exchange(),
                overlay.routingKey(),
                nowMs,
                Message.NONE,
                0,
                0,
                overlay.deliveryCount(),
                deaths,
                overlay.annotations(),
                overlay.connectionId());
    }
}
