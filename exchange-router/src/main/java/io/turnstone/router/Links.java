package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Binding;
import io.turnstone.api.Condition;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.Publisher;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.topology.Changes;
import io.turnstone.router.topology.LiveTopology;
import io.turnstone.router.topology.Reserved;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens the ways in and out: resolves addresses, asks for permission, makes the queues that links bring with them.
 * Immutable; each method on the loop it opens for.
 */
final class Links {

    private static final String PRIVATE_PREFIX = Reserved.PREFIX + "sub-";

    private final LiveTopology topology;
    private final Publishing publishing;
    private final List<DeliveryInterceptor> deliveryInterceptors;
    private final boolean autoCreate;

    Links(
            LiveTopology topology,
            Publishing publishing,
            List<DeliveryInterceptor> deliveryInterceptors,
            boolean autoCreate) {
        this.topology = topology;
        this.publishing = publishing;
        this.deliveryInterceptors = deliveryInterceptors;
        this.autoCreate = autoCreate;
    }

    // ---- In

    CompletionStage<Publisher> openPublisher(Address address, Peer peer, RouterLoop here, Publisher.Listener listener) {
        if (address instanceof Address.Anonymous) {
            return CompletableFuture.completedFuture(
                    new LinkPublisher(publishing, here, address, null, peer, listener));
        }
        if (address instanceof Address.Dynamic dynamic) {
            return temporary(dynamic.name(), peer, here, Message.NONE).thenApply(target -> {
                var publisher = new LinkPublisher(publishing, here, address, target, peer, listener);
                return publisher.atEnd(() -> drop(target.queue()));
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
            return new LinkPublisher(publishing, here, address, target, peer, listener);
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
    private CompletionStage<Target.ToQueue> temporary(String name, Peer peer, RouterLoop here, long ttlMs) {
        QueueSpec spec = QueueSpec.named(name)
                .durable(false)
                .exclusive(true)
                .temporary(true)
                .ttlMs(ttlMs)
                .build();
        var made = topology.declareQueue(spec, peer, here.loop());
        return Changes.on(here.loop(), made).thenApply(declared -> queue(name, here));
    }

    private void drop(MessageQueue queue) {
        topology.deleteQuietly(queue, MessageQueue.DeleteIf.ALWAYS, "queue '" + queue.name() + "' went with its link");
    }

    // ---- Out

    CompletionStage<Consumer> openConsumer(ConsumerRequest request, RouterLoop here, Consumer.Listener listener) {
        Address source = request.source();
        Peer peer = request.peer();
        if (source instanceof Address.Anonymous) {
            throw new RefusedException(Condition.INVALID, "a consumer needs an address; there is no anonymous source");
        }
        if (source instanceof Address.Dynamic dynamic) {
            return temporary(dynamic.name(), peer, here, Message.NONE)
                    .thenCompose(target -> open(target.queue(), request, here, listener, true));
        }
        if (source instanceof Address.Volatile replies) {
            if (!request.mode().settled()) {
                throw new RefusedException(
                        Condition.INVALID,
                        "a queue for direct replies keeps nothing: attach with snd-settle-mode settled");
            }
            return temporary(replies.name(), peer, here, 0)
                    .thenCompose(target -> open(target.queue(), request, here, listener, true));
        }
        return find(source, peer, here).thenCompose(target -> {
            publishing.permit(peer, Authorizer.Action.CONSUME, target.resource(""));
            return target instanceof Target.ToQueue to
                    ? open(to.queue(), request, here, listener, false)
                    : subscribe((Target.ToExchange) target, request, here, listener);
        });
    }

    private CompletionStage<Consumer> open(
            MessageQueue queue, ConsumerRequest request, RouterLoop here, Consumer.Listener listener, boolean own) {
        var outgoing = new OutgoingConsumer(listener, deliveryInterceptors, queue, request.peer());
        boolean plain = deliveryInterceptors.isEmpty() && !own;
        return queue.open(request, here.handOff(), plain ? listener : outgoing)
                .thenApply(
                        consumer -> plain ? consumer : outgoing.around(consumer, own ? () -> drop(queue) : () -> {}));
    }

    /** A private queue with what an exchange gets from now on. */
    private CompletionStage<Consumer> subscribe(
            Target.ToExchange source, ConsumerRequest request, RouterLoop here, Consumer.Listener listener) {
        String name = PRIVATE_PREFIX + UUID.randomUUID();
        Exchange exchange = here.exchange(source.exchange());
        if (exchange == null) {
            throw LiveTopology.missing("exchange", source.exchange());
        }
        String key = source.key() == null ? everything(exchange.spec()) : source.key();
        var binding = new Binding(exchange.name(), name, false, key, source.arguments());
        return temporary(name, request.peer(), here, Message.NONE).thenCompose(target -> {
            var opened = Changes.on(here.loop(), topology.bind(binding, Owner.CLIENT))
                    .thenCompose(bound -> open(target.queue(), taking(request), here, listener, true));
            return opened.whenComplete((consumer, failure) -> {
                if (failure != null) {
                    drop(target.queue());
                }
            });
        });
    }

    /** A subscriber takes its copies: there is nobody else to leave them to. */
    private static ConsumerRequest taking(ConsumerRequest asked) {
        var mode = asked.mode();
        return asked.in(new ConsumerRequest.Mode(mode.settled(), false, mode.exclusive(), mode.noLocal()));
    }

    /** The binding key that takes all an exchange gets; a direct exchange has none, there it is the empty key. */
    private static String everything(ExchangeSpec exchange) {
        return exchange.type().equals("topic") ? "#" : "";
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
