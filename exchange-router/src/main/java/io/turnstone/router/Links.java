package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.Publisher;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Subscription;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.queue.QueueConsumer;
import io.turnstone.router.topology.Changes;
import io.turnstone.router.topology.LiveTopology;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens the ways in and out: resolves addresses, asks for permission, makes the queues that links bring with them.
 * Immutable; each method on the loop it opens for.
 */
final class Links {

    /** Opened again when the queue of a subscription went in between. */
    private static final int MOST_TRIES = 8;

    private final LiveTopology topology;
    private final Publishing publishing;
    private final List<DeliveryInterceptor> deliveryInterceptors;
    private final boolean autoCreate;
    private final DynamicNodes nodes;

    Links(
            LiveTopology topology,
            Publishing publishing,
            List<DeliveryInterceptor> deliveryInterceptors,
            boolean autoCreate) {
        this.topology = topology;
        this.publishing = publishing;
        this.deliveryInterceptors = deliveryInterceptors;
        this.autoCreate = autoCreate;
        nodes = new DynamicNodes(topology);
    }

    // ---- In

    CompletionStage<Publisher> openPublisher(Address address, Peer peer, RouterLoop here, Publisher.Listener listener) {
        if (address instanceof Address.Anonymous) {
            return CompletableFuture.completedFuture(
                    new LinkPublisher(publishing, here, address, null, peer, listener));
        }
        if (address instanceof Address.Dynamic dynamic) {
            return dynamic.topic()
                    ? temporaryTopic(dynamic, peer, here, listener)
                    : temporary(dynamic, peer, here).thenApply(target -> {
                        var publisher = new LinkPublisher(publishing, here, address, target, peer, listener);
                        return publisher.atEnd(nodes.made(target.queue(), dynamic.lifetime(), here.loop()));
                    });
        }
        return find(address, peer, here).thenApply(target -> {
            if (target instanceof Target.ToExchange to) {
                Exchange exchange = here.exchange(to.exchange());
                if (exchange != null && exchange.spec().internal()) {
                    throw new RefusedException(Addresses.internal(to.exchange()));
                }
            }
            boolean perMessage = target instanceof Target.ToExchange to && to.key() == null;
            if (!perMessage) {
                publishing.permit(peer, Authorizer.Action.PUBLISH, target.resource(""));
            }
            var publisher = new LinkPublisher(publishing, here, address, target, peer, listener);
            return target instanceof Target.ToQueue to && nodes.counts(to.queue())
                    ? publisher.atEnd(nodes.linked(to.queue()))
                    : publisher;
        });
    }

    /** A topic that lives as long as a link, for one connection to consume from. */
    private CompletionStage<Publisher> temporaryTopic(
            Address.Dynamic dynamic, Peer peer, RouterLoop here, Publisher.Listener listener) {
        var made = topology.subscriptions().temporaryTopic(dynamic.name());
        return Changes.on(here.loop(), made).thenApply(declared -> {
            nodes.made(dynamic.name(), peer);
            var target = new Target.ToExchange(dynamic.name(), null, Map.of(), true);
            var publisher = new LinkPublisher(publishing, here, dynamic, target, peer, listener);
            return publisher.atEnd(() -> nodes.dropTopic(dynamic.name()));
        });
    }

    /** What an address names, made if it may be. */
    private CompletionStage<Target> find(Address address, Peer peer, RouterLoop here) {
        Target found = Addresses.find(here, address);
        if (found != null) {
            return CompletableFuture.completedFuture(found);
        }
        String name = autoCreate ? Addresses.creatable(address) : null;
        if (name == null) {
            throw new RefusedException(Addresses.missing(address));
        }
        publishing.permit(peer, Authorizer.Action.DECLARE, "/queues/" + name);
        var made = topology.declareQueue(QueueSpec.named(name).build(), peer, here.loop());
        return Changes.on(here.loop(), made).thenApply(declared -> queue(name, here));
    }

    private static Target.ToQueue queue(String name, RouterLoop here) {
        Target.ToQueue queue = here.queue(name);
        if (queue == null) {
            throw LiveTopology.missing("queue", name);
        }
        return queue;
    }

    /** A queue that lives as long as a link, for one connection to consume from. */
    private CompletionStage<Target.ToQueue> temporary(Address.Dynamic dynamic, Peer peer, RouterLoop here) {
        boolean alone = dynamic.lifetime() == Address.Lifetime.LINK;
        return temporary(dynamic.name(), peer, here, Message.NONE, alone);
    }

    private CompletionStage<Target.ToQueue> temporary(
            String name, Peer peer, RouterLoop here, long ttlMs, boolean exclusive) {
        QueueSpec spec = QueueSpec.named(name)
                .durable(false)
                .exclusive(exclusive)
                .temporary(true)
                .ttlMs(ttlMs)
                .build();
        var made = topology.declareQueue(spec, peer, here.loop());
        return Changes.on(here.loop(), made).thenApply(declared -> queue(name, here));
    }

    // ---- Out

    CompletionStage<Consumer> openConsumer(ConsumerRequest request, RouterLoop here, Consumer.Listener listener) {
        Address source = request.source();
        Peer peer = request.peer();
        if (source instanceof Address.Anonymous) {
            throw new RefusedException(Condition.INVALID, "a consumer needs an address; there is no anonymous source");
        }
        if (source instanceof Address.Dynamic dynamic) {
            return temporary(dynamic, peer, here).thenCompose(target -> {
                Runnable end = nodes.made(target.queue(), dynamic.lifetime(), here.loop());
                return open(target.queue(), request, here, listener, end);
            });
        }
        if (source instanceof Address.Subscribed subscribed) {
            return subscribe(subscribed.to(), request, here, listener);
        }
        if (source instanceof Address.Volatile replies) {
            if (!request.mode().settled()) {
                throw new RefusedException(
                        Condition.INVALID,
                        "a queue for direct replies keeps nothing: attach with snd-settle-mode settled");
            }
            return temporary(replies.name(), peer, here, 0, true)
                    .thenCompose(target -> open(
                            target.queue(),
                            request,
                            here,
                            listener,
                            nodes.made(target.queue(), Address.Lifetime.LINK, here.loop())));
        }
        return find(source, peer, here).thenCompose(target -> {
            if (target instanceof Target.ToExchange from) {
                return subscribe(link(from, peer), whole(request), here, listener);
            }
            publishing.permit(peer, Authorizer.Action.CONSUME, target.resource(""));
            MessageQueue queue = ((Target.ToQueue) target).queue();
            return open(queue, request, here, listener, nodes.counts(queue) ? nodes.linked(queue) : null);
        });
    }

    /** What a source that is an exchange subscribes to, for as long as its link lives. */
    private static Subscription link(Target.ToExchange source, Peer peer) {
        String name = UUID.randomUUID().toString();
        var key = new Subscription.Key("", name, false, false, peer.connectionId());
        Address from = source.topic()
                ? new Address.Topic(source.exchange())
                : new Address.Exchange(source.exchange(), source.key(), source.arguments());
        return new Subscription(key, from, Subscription.Selection.ALL, 0);
    }

    private CompletionStage<Consumer> open(
            MessageQueue queue,
            ConsumerRequest request,
            RouterLoop here,
            Consumer.Listener listener,
            @Nullable Runnable end) {
        var outgoing = new OutgoingConsumer(listener, deliveryInterceptors, queue, request.peer());
        boolean plain = deliveryInterceptors.isEmpty() && end == null;
        return queue.open(request, here.handOff(), plain ? listener : outgoing)
                .whenComplete((consumer, failure) -> {
                    if (failure != null && end != null) {
                        end.run();
                    }
                })
                .thenApply(consumer -> plain ? consumer : outgoing.around(consumer, end == null ? () -> {} : end));
    }

    CompletionStage<Consumer> resumeConsumer(
            Consumer suspended, Peer peer, RouterLoop here, Consumer.Listener listener) {
        Subscription to = suspended instanceof OutgoingConsumer subscriber ? subscriber.subscription() : null;
        String from = to == null ? "/queues/" + suspended.queue() : resource(to);
        publishing.permit(peer, Authorizer.Action.CONSUME, from);
        if (suspended instanceof OutgoingConsumer outside) {
            var outgoing = outside.resumed(listener, peer);
            return QueueConsumer.resume(outside.inner(), peer, here.handOff(), outgoing)
                    .thenApply(consumer -> to == null
                            ? outgoing.around(consumer, outside.atEnd())
                            : outgoing.subscribed(consumer, to, () -> unsubscribe(outgoing.from(), to, here)));
        }
        return QueueConsumer.resume(suspended, peer, here.handOff(), listener);
    }

    /** A consumer of the queue of a subscription, which is made when it is not there. */
    private CompletionStage<Consumer> subscribe(
            Subscription to, ConsumerRequest request, RouterLoop here, Consumer.Listener listener) {
        Peer peer = request.peer();
        publishing.permit(peer, Authorizer.Action.CONSUME, resource(to));
        nodes.check(to.exchange(), peer);
        if (here.exchange(to.exchange()) == null) {
            if (!(to.source() instanceof Address.Topic) || here.topic(to.exchange()) == null) {
                throw LiveTopology.missing("exchange", to.exchange());
            }
            publishing.permit(peer, Authorizer.Action.DECLARE, Target.resourceOfExchange(to.exchange(), ""));
        }
        return enter(to, request, here, listener, 0);
    }

    private CompletionStage<Consumer> enter(
            Subscription to, ConsumerRequest request, RouterLoop here, Consumer.Listener listener, int before) {
        return Changes.on(here.loop(), topology.subscriptions().enter(to, here.loop()))
                .thenCompose(queue -> open(queue, to, request, here, listener)
                        .handle((consumer, failure) -> opened(queue, to, consumer, failure))
                        .thenCompose(opened -> opened != null || before == MOST_TRIES
                                ? CompletableFuture.completedFuture(opened)
                                : enter(to, request, here, listener, before + 1)));
    }

    /** The consumer; null when the queue went, with its last consumer before, while this one was on its way. */
    private @Nullable Consumer opened(
            MessageQueue queue, Subscription to, @Nullable Consumer consumer, @Nullable Throwable failure) {
        if (failure == null || queue.deleted()) {
            return consumer;
        }
        if (to.expiresMs() == 0) {
            topology.unused(queue);
        }
        throw failure instanceof CompletionException wrapped ? wrapped : new CompletionException(failure);
    }

    /** What the permission to subscribe is about. */
    static String resource(Subscription to) {
        String key = to.source() instanceof Address.Exchange from ? from.key() : null;
        return Target.resourceOfExchange(to.exchange(), key == null ? "" : key);
    }

    private CompletionStage<Consumer> open(
            MessageQueue queue, Subscription to, ConsumerRequest request, RouterLoop here, Consumer.Listener listener) {
        var outgoing = new OutgoingConsumer(listener, deliveryInterceptors, queue, request.peer());
        return queue.open(taking(request, to), here.handOff(), outgoing)
                .thenApply(consumer -> outgoing.subscribed(consumer, to, () -> unsubscribe(queue, to, here)));
    }

    /** The end of a subscription whose consumer has just closed. */
    private void unsubscribe(MessageQueue queue, Subscription to, RouterLoop here) {
        String reason = "the subscription with queue '" + queue.name() + "' was ended";
        if (to.key().shared()) {
            // Behind the close, which leaves for the queue's home at the end of this turn.
            here.loop().atEndOfTurn(() -> topology.deleteQuietly(queue, MessageQueue.DeleteIf.UNUSED, reason));
        } else {
            topology.deleteQuietly(queue, MessageQueue.DeleteIf.ALWAYS, reason);
        }
    }

    /** A subscriber takes its copies: there is nobody else to leave them to. */
    private static ConsumerRequest whole(ConsumerRequest asked) {
        var mode = asked.mode();
        return asked.in(new ConsumerRequest.Mode(mode.settled(), false, mode.exclusive(), mode.noLocal()));
    }

    /**
     * What a subscriber takes: all that was let in for it, and alone unless it shares. One that only looks keeps the
     * subscription alive.
     */
    private static ConsumerRequest taking(ConsumerRequest asked, Subscription to) {
        var mode = asked.mode();
        boolean alone = !mode.browse() && !to.key().shared() && to.key().connectionId() == 0;
        var taking = new ConsumerRequest.Mode(mode.settled(), mode.browse(), alone || mode.exclusive(), mode.noLocal());
        return asked.in(taking);
    }

    /** Completes on the loop it was opened for, with refusals as they are. */
    static <T extends @Nullable Object> CompletionStage<T> opened(
            RouterLoop here, Supplier<CompletionStage<T>> opening) {
        try {
            return Changes.on(here.loop(), opening.get());
        } catch (RefusedException e) {
            return CompletableFuture.failedFuture(e);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(
                    new RefusedException(Condition.INVALID, String.valueOf(e.getMessage())));
        }
    }
}
