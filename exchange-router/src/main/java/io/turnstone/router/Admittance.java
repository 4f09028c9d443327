package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Body;
import io.turnstone.api.Condition;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.Peer;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher.PublishListener;
import io.turnstone.api.Refusal;
import io.turnstone.router.LinkPublisher.Waiting;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.queue.Admission;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.topology.Changes;
import io.turnstone.router.topology.LiveTopology;
import io.turnstone.router.topology.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the queues of one publisher's messages and room in them: in all of them or in none. Owned by the publisher.
 */
final class Admittance {

    /** Longest routing key in characters: topic exchanges walk every word of it. */
    static final int MAX_KEY = 4_096;

    /** Later moments are not written as dates. */
    private static final long LAST_MOMENT_MS =
            Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();

    /** Wait before a dead-letter queue that could not be made is tried again. */
    private static final long RETRY_MS = 1_000;

    private final Publishing shared;
    private final RouterLoop here;
    private final Peer peer;
    private final @Nullable Target target;
    private final Consumer<Waiting> waitFor;
    private final Runnable resume;
    private final Intake intake;
    private final Permissions permissions;
    private final Runnable onRoom = this::room;
    private @Nullable MessageQueue awaited;

    /** That of the message before; messages that came together share it. */
    private Overlay latest;

    /**
     * The way into the queues.
     *
     * @param target where all messages go, permission granted; null when each names its own address
     * @param waitFor told that a message must be offered again
     * @param resume run when it can be
     */
    Admittance(
            Publishing shared,
            RouterLoop here,
            Peer peer,
            @Nullable Target target,
            Consumer<Waiting> waitFor,
            Runnable resume) {
        this.shared = shared;
        this.here = here;
        this.peer = peer;
        this.target = target;
        this.waitFor = waitFor;
        this.resume = resume;
        intake = new Intake(shared.store(), here);
        permissions = new Permissions(shared, peer);
        latest = Overlay.arrival("", "", 0, Message.NONE, peer.connectionId());
    }

    /** Outcomes of messages that are on their way are of no interest any more. */
    void mute() {
        intake.mute();
    }

    /**
     * Lets a message in, or refuses it; the outcome is told.
     *
     * @return false when it must wait: then nothing has happened
     */
    boolean offer(Message message, Address to, @Nullable PublishListener listener) {
        if (message.body() instanceof Body.Inline
                && message.size() > shared.store().maxBodyBytes()) {
            String size = message.size() + " bytes; at most " + shared.store().maxBodyBytes() + " are allowed";
            return refuse(listener, new Refusal(Condition.LIMIT_EXCEEDED, "the message has " + size));
        }
        long nowMs = here.loop().now();
        long availableAtMs = message.availableAtMs(nowMs);
        if (availableAtMs != 0 && availableAtMs - nowMs > shared.maxDelayMs()) {
            return refuse(listener, tooFar(availableAtMs));
        }
        Target goal = target == null ? Addresses.find(here, to) : target;
        if (goal == null) {
            return refuse(listener, Addresses.missing(to));
        }
        if (goal instanceof Target.ToQueue queue) {
            String name = queue.queue().name();
            boolean allowed = target != null || permissions.toQueue(name);
            return allowed
                    ? enter(message, null, name, queue.route(), listener)
                    : refuse(listener, Addresses.denied(peer, "publish", goal.resource(name)));
        }
        return offer(message, (Target.ToExchange) goal, listener);
    }

    private Refusal tooFar(long availableAtMs) {
        String when = availableAtMs > LAST_MOMENT_MS ? availableAtMs + " ms" : "" + Instant.ofEpochMilli(availableAtMs);
        String why = "the message is not to be delivered before " + when + "; at most "
                + Duration.ofMillis(shared.maxDelayMs()) + " from now are allowed (limits.max-delay)";
        return new Refusal(Condition.LIMIT_EXCEEDED, why);
    }

    private boolean offer(Message message, Target.ToExchange goal, @Nullable PublishListener listener) {
        String key = goal.key();
        if (key == null) {
            String subject = message.subject();
            key = subject == null ? "" : subject;
            if (key.length() > MAX_KEY) {
                String length =
                        "the routing key has " + key.length() + " characters; at most " + MAX_KEY + " are allowed";
                return refuse(listener, new Refusal(Condition.INVALID, length));
            }
        }
        if ((target == null || goal.key() == null) && !permissions.toExchange(goal.exchange(), key)) {
            return refuse(listener, Addresses.denied(peer, "publish", goal.resource(key)));
        }
        Exchange exchange = target == null ? here.exchange(goal.exchange()) : null;
        if (exchange != null && exchange.spec().internal()) {
            return refuse(listener, Addresses.internal(exchange.name()));
        }
        Route route = here.route(goal.exchange(), key, message, peer);
        if (route == null) {
            return goal.topic()
                    ? lost(listener)
                    : refuse(
                            listener,
                            LiveTopology.missing("exchange", goal.exchange()).refusal());
        }
        if (route.queues().length == 0) {
            return unwanted(route, goal, key, listener);
        }
        return enter(message, goal, key, route, listener);
    }

    /** Nobody wants it, as its publisher has to expect. */
    private static boolean lost(@Nullable PublishListener listener) {
        if (listener != null) {
            Listeners.published(listener, PublishOutcome.ACCEPTED);
        }
        return true;
    }

    /** No queue wants it. */
    private boolean unwanted(Route route, Target.ToExchange through, String key, @Nullable PublishListener listener) {
        here.counters().published(route.exchanges());
        if (route.declined() || through.topic()) {
            return lost(listener);
        }
        here.counters().unroutable(route.exchanges()[0]);
        if (listener == null) {
            here.dropped().drop("exchange '" + through.exchange() + "' has no binding for it");
        } else {
            here.dropped().unroutable(through.exchange(), key);
            Listeners.published(listener, PublishOutcome.UNROUTABLE);
        }
        return true;
    }

    // ---- Room in every queue, or in none

    /** @param through the exchange; null on the way straight into a queue */
    private boolean enter(
            Message message,
            Target.@Nullable ToExchange through,
            String key,
            Route route,
            @Nullable PublishListener listener) {
        if (listener instanceof Posting posting) {
            Refusal refusal = posting.refusal(message);
            if (refusal != null) {
                return refuse(listener, refusal);
            }
        } else if (message.durable()
                && intake.wouldOvertake()
                && !route.stored().isEmpty()) {
            waitFor.accept(Waiting.MOMENT);
            here.loop().execute(resume);
            return false;
        }
        MessageQueue[] queues = route.queues();
        long size = message.size();
        boolean[] full = null;
        for (int i = 0; i < queues.length; i++) {
            if (queues[i].deleted()) {
                giveBack(queues, i, full, size);
                return enterLiving(message, through, key, route, listener);
            }
            Admission admission = queues[i].admit(size);
            if (admission == Admission.DEAD_LETTER) {
                full = full == null ? new boolean[queues.length] : full;
                full[i] = true;
            } else if (admission != Admission.OK) {
                giveBack(queues, i, full, size);
                if (admission == Admission.BLOCKED) {
                    await(queues[i], size);
                    return false;
                }
                return exceeded(queues[i], route, listener);
            }
        }
        Overlay overlay = arrival(message, through == null ? "" : through.exchange(), key);
        if (full != null) {
            return enterSome(message, overlay, route, full, listener);
        }
        here.counters().published(route.exchanges());
        if (listener instanceof Posting posting) {
            posting.enter(message, overlay, route, List.of());
        } else {
            intake.enter(message, overlay, route, listener);
        }
        return true;
    }

    /** A queue on the way was deleted, which the topology is about to take notice of. */
    private boolean enterLiving(
            Message message,
            Target.@Nullable ToExchange through,
            String key,
            Route route,
            @Nullable PublishListener listener) {
        var living = new ArrayList<MessageQueue>();
        for (MessageQueue queue : route.queues()) {
            if (!queue.deleted()) {
                living.add(queue);
            }
        }
        if (!living.isEmpty()) {
            return enter(message, through, key, Route.of(living, route.exchanges(), false), listener);
        }
        if (through == null) {
            return refuse(listener, new Refusal(Condition.RESOURCE_DELETED, "queue '" + key + "' was deleted"));
        }
        return unwanted(route, through, key, listener);
    }

    private static void giveBack(MessageQueue[] queues, int count, boolean @Nullable [] full, long size) {
        for (int i = 0; i < count; i++) {
            if (full == null || !full[i]) {
                queues[i].unadmit(size);
            }
        }
    }

    /** Waits for room in a queue. */
    void await(MessageQueue queue, long size) {
        waitFor.accept(Waiting.ROOM);
        awaited = queue;
        queue.awaitRoom(here.handOff(), size, onRoom);
    }

    private void room() {
        awaited = null;
        resume.run();
    }

    /** Does not wait for room any more; whether it did. */
    boolean awaitNoMore() {
        MessageQueue queue = awaited;
        awaited = null;
        if (queue != null) {
            queue.awaitNoMore(here.handOff(), onRoom);
        }
        return queue != null;
    }

    private boolean exceeded(MessageQueue queue, Route route, @Nullable PublishListener listener) {
        if (listener == null) {
            queue.turnedAway();
            here.counters().dropped(route.exchanges()[0]);
        }
        return refuse(
                listener,
                new Refusal(
                        Condition.LIMIT_EXCEEDED,
                        "queue '" + queue.name() + "' exceeded maximum length",
                        Map.of("queue", queue.name(), "reason", DeathReason.MAXLEN.symbol())));
    }

    private Overlay arrival(Message message, String exchange, String key) {
        long nowMs = here.loop().now();
        long availableAtMs = message.availableAtMs(nowMs);
        long expiresAtMs = expiresAtMs(message, Math.max(nowMs, availableAtMs));
        if (nowMs != latest.arrivedAtMs()
                || expiresAtMs != latest.expiresAtMs()
                || availableAtMs != latest.availableAtMs()
                || !key.equals(latest.routingKey())
                || !exchange.equals(latest.exchange())) {
            latest = Overlay.arrival(exchange, key, nowMs, expiresAtMs, peer.connectionId())
                    .availableAt(availableAtMs);
        }
        return latest;
    }

    /** A ttl counts from when the message may be delivered, a moment is a moment. */
    private static long expiresAtMs(Message message, long fromMs) {
        long expiresAtMs = message.expiresAtMs();
        long ttlMs = message.ttlMs();
        if (ttlMs == Message.NONE) {
            return expiresAtMs;
        }
        long byTtl = ttlMs > Long.MAX_VALUE - fromMs ? Long.MAX_VALUE : fromMs + ttlMs;
        return expiresAtMs == Message.NONE ? byTtl : Math.min(expiresAtMs, byTtl);
    }

    /** Lets a message into the queues with room, and into the dead-letter queues of those that are full. */
    private boolean enterSome(
            Message message, Overlay overlay, Route route, boolean[] full, @Nullable PublishListener listener) {
        MessageQueue[] queues = route.queues();
        var open = new ArrayList<MessageQueue>();
        var graves = new ArrayList<Intake.Grave>();
        for (int i = 0; i < queues.length; i++) {
            if (!full[i]) {
                open.add(queues[i]);
                continue;
            }
            List<MessageQueue> targets = shared.deadLetters().resolve(queues[i], message, overlay, DeathReason.MAXLEN);
            if (targets == null) {
                giveBack(queues, queues.length, full, message.size());
                return prepare(queues[i]);
            }
            graves.add(new Intake.Grave(queues[i], targets));
        }
        here.counters().published(route.exchanges());
        Route rest = Route.of(open, route.exchanges(), false);
        if (listener instanceof Posting posting) {
            posting.enter(message, overlay, rest, graves);
        } else {
            intake.enter(message, overlay, rest, graves, listener);
        }
        return true;
    }

    /** Waits until a dead-letter queue is made; when it cannot be made, tries again after a while. */
    private boolean prepare(MessageQueue queue) {
        waitFor.accept(Waiting.MOMENT);
        Changes.on(here.loop(), shared.deadLetters().prepare(queue)).whenComplete((made, failure) -> {
            if (failure == null) {
                here.loop().execute(resume);
            } else {
                here.loop().schedule(RETRY_MS, resume);
            }
        });
        return false;
    }

    private boolean refuse(@Nullable PublishListener listener, Refusal why) {
        if (listener == null) {
            here.dropped().drop(why.description());
        } else {
            Listeners.published(listener, new PublishOutcome.Refused(why));
        }
        return true;
    }
}
