package io.turnstone.it;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.turnstone.it.client.ClientFailure;
import io.turnstone.it.client.Protonj2Client;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.awaitility.Awaitility;

/** Publishers and consumers that work until their broker dies, and remember in a {@link Ledger} what it told them. */
final class Load {

    private static final int WINDOW = 50;

    private final int port;
    private final boolean mayRefuse;
    private final AtomicInteger refusals = new AtomicInteger();
    private final List<CompletableFuture<Void>> clients = new CopyOnWriteArrayList<>();
    private volatile boolean dying;

    Load(int port) {
        this(port, false);
    }

    /** @param mayRefuse whether the broker may have no room for a message */
    Load(int port, boolean mayRefuse) {
        this.port = port;
        this.mayRefuse = mayRefuse;
    }

    /** What a consumer does with a delivery. */
    @FunctionalInterface
    interface Taking {
        /** Ends the delivery; true when the broker's confirmation is to be awaited. */
        boolean take(Delivery delivery, String body) throws ClientException;

        /** The broker confirmed it. */
        default void confirmed(String body) {}
    }

    static final Taking FAILING = (delivery, body) -> {
        delivery.modified(true, false);
        return false;
    };

    static final Taking REJECTING = (delivery, body) -> {
        delivery.reject("test:bad", "bad");
        return false;
    };

    /** Accepts without settling, so that the broker settles when the outcome is on disk. */
    static Taking accepting(Ledger ledger) {
        return new Taking() {
            @Override
            public boolean take(Delivery delivery, String body) throws ClientException {
                if (ledger.isConfirmed(body)) {
                    throw new IllegalStateException(body + " came back after its acceptance was confirmed");
                }
                ledger.taken(body);
                delivery.disposition(DeliveryState.accepted(), false);
                return true;
            }

            @Override
            public void confirmed(String body) {
                ledger.confirmed(body);
            }
        };
    }

    /** Publishes with a window of unsettled messages. */
    void publish(Ledger ledger, String target) {
        start(publishing(ledger, target, Integer.MAX_VALUE));
    }

    /** The same, until so many are settled. */
    void publish(Ledger ledger, String target, int count) {
        untilTheBrokerDies(publishing(ledger, target, count));
    }

    private Session publishing(Ledger ledger, String target, int count) {
        return connection -> {
            Sender sender = connection.openSender(target, new SenderOptions().sendTimeout(5, SECONDS));
            Queue<Tracked> window = new ArrayDeque<>();
            try {
                for (int sent = 0; sent < count; sent++) {
                    String body = ledger.nextBody();
                    window.add(new Tracked(sender.send(Message.create(body).durable(true)), body));
                    if (window.size() >= WINDOW) {
                        window.element().tracker.awaitSettlement(5, SECONDS);
                    }
                    settle(window, ledger);
                }
                while (!window.isEmpty()) {
                    window.element().tracker.awaitSettlement(5, SECONDS);
                    settle(window, ledger);
                }
            } finally {
                settle(window, ledger);
            }
        };
    }

    private record Tracked(Tracker tracker, String body) {}

    private void settle(Queue<Tracked> window, Ledger ledger) {
        while (!window.isEmpty() && window.element().tracker.remoteSettled()) {
            Tracked tracked = window.remove();
            if (tracked.tracker.remoteState().isAccepted()) {
                ledger.accepted(tracked.body);
            } else if (mayRefuse) {
                refusals.incrementAndGet();
            } else {
                throw new IllegalStateException(tracked.body + " became " + tracked.tracker.remoteState());
            }
        }
    }

    /** Consumes with a window of deliveries. */
    void consume(String source, Taking taking) {
        start(connection -> {
            var options =
                    new ReceiverOptions().creditWindow(WINDOW).autoAccept(false).autoSettle(false);
            Receiver receiver = connection.openReceiver(source, options);
            Queue<Delivered> window = new ArrayDeque<>();
            try {
                while (true) {
                    Delivery delivery = receiver.receive(50, MILLISECONDS);
                    if (delivery != null) {
                        String body = delivery.<String>message().body();
                        if (taking.take(delivery, body)) {
                            window.add(new Delivered(delivery, body));
                        }
                    }
                    settle(window, taking);
                }
            } finally {
                settle(window, taking);
            }
        });
    }

    private record Delivered(Delivery delivery, String body) {}

    private static void settle(Queue<Delivered> window, Taking taking) throws ClientException {
        while (!window.isEmpty() && window.element().delivery.remoteSettled()) {
            Delivered delivered = window.remove();
            taking.confirmed(delivered.body);
            delivered.delivery.settle();
        }
    }

    /** How many messages the broker had no room for. */
    int refusals() {
        return refusals.get();
    }

    /** What a client does until its connection breaks. */
    @FunctionalInterface
    private interface Session {
        void run(Connection connection) throws ClientException;
    }

    private void start(Session session) {
        clients.add(Background.start(() -> untilTheBrokerDies(session)));
    }

    /** Waits for what the clients do, or for one of them to fail. */
    void await(String what, BooleanSupplier done) {
        Awaitility.await(what)
                .atMost(60, SECONDS)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    clients.stream()
                            .filter(CompletableFuture::isCompletedExceptionally)
                            .forEach(CompletableFuture::join);
                    return done.getAsBoolean();
                });
    }

    /** Kills the broker, now that connections may break, and waits for the clients to notice. */
    void kill(ForkedBroker broker) throws Exception {
        dying = true;
        broker.kill();
        for (var client : clients) {
            client.get();
        }
    }

    private void untilTheBrokerDies(Session session) {
        try (Connection connection = Protonj2Client.open(port, new ConnectionOptions().closeTimeout(100))) {
            session.run(connection);
        } catch (ClientException | ClientFailure e) {
            if (!dying) {
                throw new ClientFailure(e);
            }
        }
    }

    /** Takes everything out of these queues. */
    static List<String> drain(Protonj2Client client, String... queues) throws Exception {
        var bodies = new ArrayList<String>();
        for (String queue : queues) {
            try (Receiver receiver = client.connection().openReceiver(queue, Protonj2Client.manual())) {
                boolean more = true;
                while (more) {
                    receiver.addCredit(500);
                    receiver.drain().get(20, SECONDS);
                    more = false;
                    for (Delivery one = receiver.tryReceive(); one != null; one = receiver.tryReceive()) {
                        bodies.add(one.<String>message().body());
                        one.accept();
                        more = true;
                    }
                }
            }
        }
        return bodies;
    }
}
