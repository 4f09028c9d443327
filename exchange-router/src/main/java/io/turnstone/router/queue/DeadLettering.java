package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Loop;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.store.StoreRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Moves dead entries to where they belong: a stored one with one {@link StoreRecord.Move}, so that no crash loses or doubles
 * it. Until its dead-letter queue exists, or while the store takes nothing, a dead entry stays where it is, held. Owned by
 * the source queue's home loop.
 */
final class DeadLettering {

    private static final Logger LOG = LogManager.getLogger(DeadLettering.class);
    private static final long RETRY_MS = 1000;

    /** Held entries that are tried again in one go. */
    private static final int MAX_PER_TURN = 1024;

    private final MessageQueue queue;
    private final Entries entries;
    private final QueueHome home;
    private final Departures departures;
    private final ArrayDeque<Burial> held = new ArrayDeque<>(0);
    private boolean preparing;
    private boolean cleared;
    private Loop.@Nullable Timer timer;

    DeadLettering(MessageQueue queue, Entries entries, QueueHome home, Departures departures) {
        this.queue = queue;
        this.entries = entries;
        this.home = home;
        this.departures = departures;
    }

    /**
     * Takes a dead entry away.
     *
     * @param error what the rejecting consumer said, or null
     * @param tell who is to be told {@code outcome} when it is durable, or null
     */
    void bury(Entry entry, DeathReason reason, @Nullable String error, @Nullable Seat tell, @Nullable Outcome outcome) {
        entries.move(entry, Entry.State.LEAVING);
        bury(new Burial(this, entry, reason, error, tell, outcome));
    }

    private void bury(Burial burial) {
        Entry entry = burial.entry;
        List<MessageQueue> targets = home.routes().resolve(queue, entry.message(), entry.overlay(), burial.reason);
        if (targets == null) {
            held.add(burial);
            prepare();
        } else if (!targets.isEmpty()) {
            bury(burial, targets);
        } else if (burial.reason == DeathReason.EXPIRED || burial.reason == DeathReason.MAXLEN) {
            entries.counters().dropped++;
            departures.add(entry, burial.tell(), burial.outcome());
        } else {
            hold(burial); // never lost, even if the routes know no place for it
        }
    }

    private void bury(Burial burial, List<MessageQueue> targets) {
        aim(burial, burial.entry.overlay(), targets);
        if (burial.recycled()) {
            recycle(burial);
        } else if (burial.change() instanceof StoreRecord record) {
            home.store().submit(record, home.loop(), burial);
        } else {
            buried(burial);
        }
    }

    private void aim(Burial burial, Overlay overlay, List<MessageQueue> targets) {
        Entry entry = burial.entry;
        List<MessageQueue> stored = new ArrayList<>(targets.size());
        List<MessageQueue> unstored = new ArrayList<>(0);
        for (MessageQueue target : targets) {
            if (target != queue) {
                (entry.stored() && target.spec().durable() ? stored : unstored).add(target);
            }
        }
        Overlay died = DeathHistory.died(
                overlay, queue.name(), burial.reason, home.loop().now(), burial.error());
        boolean recycled = stored.isEmpty() && unstored.isEmpty();
        burial.prepare(recycled ? queue.withTtl(died) : died, stored, unstored);
        if (!unstored.isEmpty() && entry.stored()) {
            entry.message().body().share(); // the record that moves it is the last to name it
        }
    }

    /**
     * Decides where an entry goes that dies when a transaction is committed.
     *
     * @param overlay that it has by then
     * @return false when its dead-letter queue must be made first
     */
    boolean aim(Burial burial, Overlay overlay) {
        List<MessageQueue> targets = home.routes().resolve(queue, burial.entry.message(), overlay, burial.reason);
        if (targets == null || targets.isEmpty()) {
            return false;
        }
        aim(burial, overlay, targets);
        return true;
    }

    /** The record that moves it is committed. */
    void applied(Burial burial) {
        if (burial.recycled()) {
            burial.entry.overlay(burial.died());
            burial.entry.kept(burial.died());
            recycled(burial);
        } else {
            buried(burial);
        }
    }

    MessageQueue queue() {
        return queue;
    }

    /** It left; those of its targets that do not pass through the store get it now. */
    void buried(Burial burial) {
        for (MessageQueue target : burial.unstored()) {
            target.enqueueDead(home.handOff(), burial.entry.message(), burial.died());
        }
        entries.counters().deadLettered(burial.reason);
        entries.gone(burial.entry);
        queue.tell(burial.tell(), burial.entry, burial.outcome());
    }

    /** Its only dead-letter queue is its own: it starts anew at the end of the line. */
    private void recycle(Burial burial) {
        Entry entry = burial.entry;
        Overlay died = burial.died();
        entry.overlay(died);
        if (entry.stored()) {
            Decision amended = () -> entry.kept(died);
            var record = new StoreRecord.Amend(queue, entry.position, OverlayCodec.encode(died), amended);
            home.store().submit(record, home.loop(), null);
        }
        recycled(burial);
    }

    private void recycled(Burial burial) {
        Entry entry = burial.entry;
        entries.counters().deadLettered(burial.reason);
        entries.recycle(entry);
        queue.tell(burial.tell(), entry, burial.outcome());
    }

    /** Tries again later: the store did not take it. */
    void hold(Burial burial) {
        if (cleared) {
            return;
        }
        held.add(burial);
        later();
    }

    private void prepare() {
        if (preparing) {
            return;
        }
        preparing = true;
        home.routes().prepare(queue).whenComplete((made, failure) -> home.loop().execute(() -> prepared(failure)));
    }

    private void prepared(@Nullable Throwable failure) {
        preparing = false;
        if (failure != null) {
            LOG.warn(
                    "queue={} held={} its dead-letter queue cannot be made, tried again: {}",
                    queue.name(),
                    held.size(),
                    failure.getMessage());
            later();
            return;
        }
        again();
    }

    private void later() {
        if (timer == null) {
            timer = home.loop().schedule(RETRY_MS, this::again);
        }
    }

    private void again() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        for (int i = Math.min(held.size(), MAX_PER_TURN); i > 0; i--) {
            bury(held.remove());
        }
        if (!held.isEmpty() && !preparing && timer == null) {
            home.loop().execute(this::again);
        }
        queue.wake();
    }

    /** Forgets everything: the queue is dropped. */
    void clear() {
        cleared = true;
        held.clear();
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
