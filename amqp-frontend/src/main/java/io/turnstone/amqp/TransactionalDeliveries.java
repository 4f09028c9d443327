package io.turnstone.amqp;

import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one outgoing link with which transactions have to do (part 4, sections 4.4.2 to 4.4.4): acquired in
 * one, or settled in one by us alone. Owned by the loop of its connection.
 */
final class TransactionalDeliveries {

    /** Acquired in a transaction, with no outcome yet. */
    private record Acquired(LocalTransaction transaction, int deliveryId) {}

    /** The peer has told an outcome in a transaction, and has not settled. */
    private record Provisional(LocalTransaction transaction, Disposed told, boolean acquired) {}

    private final OutgoingLink link;
    private final IdentityHashMap<Delivery, Acquired> acquired = new IdentityHashMap<>(0);
    private final IdentityHashMap<Delivery, Provisional> provisional = new IdentityHashMap<>(0);
    /** What each of them has to do with, so that its end costs no more than that. */
    private final IdentityHashMap<LocalTransaction, Set<Delivery>> byTransaction = new IdentityHashMap<>(0);

    private @Nullable LocalTransaction acquiring;

    TransactionalDeliveries(OutgoingLink link) {
        this.link = link;
    }

    /** From now on what is sent is acquired in this transaction; in none when it is null. */
    void acquire(@Nullable LocalTransaction within) {
        acquiring = within;
        if (within != null) {
            within.worksOn(this);
        }
    }

    /** The transaction in which the delivery that is about to be sent is acquired, or null. */
    @Nullable
    Binary sending(Delivery delivery, int deliveryId) {
        LocalTransaction within = acquiring;
        if (within == null) {
            return null;
        }
        acquired.put(delivery, new Acquired(within, deliveryId));
        of(within).add(delivery);
        return within.id();
    }

    private Set<Delivery> of(LocalTransaction transaction) {
        return byTransaction.computeIfAbsent(transaction, first -> Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private void leaves(LocalTransaction transaction, Delivery delivery) {
        Set<Delivery> its = byTransaction.get(transaction);
        if (its != null) {
            its.remove(delivery);
        }
    }

    boolean isEmpty() {
        return acquired.isEmpty() && provisional.isEmpty();
    }

    /** Whether a disposition of this delivery is an affair of transactions. */
    boolean concerns(Delivery delivery) {
        return acquired.containsKey(delivery) || provisional.containsKey(delivery);
    }

    /**
     * The peer's disposition of one delivery.
     *
     * @param within the transaction it names; null only for what {@linkplain #concerns concerns} us
     * @param byDefault the outcome of a delivery that is settled without one
     * @return whether the session may forget the delivery
     */
    boolean disposed(Consumer from, Disposed told, @Nullable LocalTransaction within, Outcome byDefault) {
        Delivery delivery = told.delivery();
        Acquired got = acquired.get(delivery);
        Provisional before = provisional.get(delivery);
        LocalTransaction bound = got != null ? got.transaction : before != null ? before.transaction : within;
        LocalTransaction transaction = Objects.requireNonNull(bound);
        if (within == null ? got != null : within != transaction) {
            // Part 4, sections 4.4.2 and 4.4.4.2.
            String id = Integer.toUnsignedString(told.deliveryId());
            (within == null ? transaction : within).violated("delivery " + id + " belongs to another transaction");
            return false;
        }
        Disposed effective = (told.outcome() != null || before == null) ? told : before.told;
        Outcome outcome = effective.outcome();
        if (outcome == null && !told.settled()) {
            return false;
        }
        if (before != null && !told.settled() && Objects.equals(outcome, before.told.outcome())) {
            return false; // said once more, as wide ranges do
        }
        boolean rollsBack = got != null || (before != null && before.acquired);
        acquired.remove(delivery);
        transaction.worksOn(this);
        Outcome kept = told.settled() ? byDefault : null;
        from.settle(
                delivery,
                outcome == null ? byDefault : outcome,
                transaction.core(),
                rollsBack ? Outcome.RELEASED : kept);
        if (told.settled()) {
            provisional.remove(delivery);
            leaves(transaction, delivery);
        } else {
            of(transaction).add(delivery);
            provisional.put(delivery, new Provisional(transaction, effective, rollsBack));
        }
        return told.settled();
    }

    /** The outcome of a delivery is durable, for which the peer may still wait. */
    void settled(Delivery delivery) {
        Provisional told = provisional.remove(delivery);
        if (told != null) {
            leaves(told.transaction, delivery);
            link.forget(delivery);
            link.end(told.told.deliveryId(), told.told.state());
        }
    }

    /** The link is gone. */
    void clear() {
        acquiring = null;
        byTransaction.clear();
        acquired.clear();
        provisional.clear();
    }

    /** A transaction has ended: what it acquired without an outcome stays, or is taken back. */
    void ended(LocalTransaction transaction, boolean committed) {
        if (acquiring == transaction) {
            acquiring = null;
        }
        Set<Delivery> its = byTransaction.remove(transaction);
        if (its != null) {
            its.forEach(delivery -> ended(delivery, committed));
        }
    }

    private void ended(Delivery delivery, boolean committed) {
        Acquired got = acquired.remove(delivery);
        if (got != null) {
            if (!committed) {
                link.takeBack(delivery);
                link.forget(delivery);
                link.end(got.deliveryId, Released.getInstance());
            }
            return;
        }
        Provisional before = provisional.get(delivery);
        if (before == null || (committed && !before.acquired)) {
            return; // the queue tells when it is durable
        }
        provisional.remove(delivery);
        if (before.acquired) {
            link.forget(delivery);
            link.end(before.told.deliveryId(), committed ? before.told.state() : Released.getInstance());
        }
    }
}
