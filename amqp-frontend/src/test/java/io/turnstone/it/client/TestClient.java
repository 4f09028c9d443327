package io.turnstone.it.client;

import java.util.List;
import java.util.Optional;

/**
 * One connection of an existing AMQP 1.0 client, reduced to what the scenarios ask of it. Every call opens a link of
 * its own and closes it again. What a client cannot do it leaves as it is here. Used by one thread.
 */
public interface TestClient extends AutoCloseable {

    /** Sends one message and waits for its outcome. */
    Published send(Outgoing message);

    /** Takes one message, waiting up to ten seconds for it, and settles it; empty when none came. */
    Optional<Incoming> receive(String address, Settle settle);

    /**
     * Takes and accepts one message of which a condition is true, waiting up to ten seconds for it.
     *
     * @param condition in what JMS selectors and SQL filters have in common; each client has one of them
     */
    Optional<Incoming> receiveWhere(String address, String condition);

    /** Takes one message if one is there now (by drain) and accepts it. */
    default Optional<Incoming> receiveNoWait(String address) {
        throw lacking("drain");
    }

    /** Looks at what is there without taking it, in order. */
    default List<Incoming> browse(String address) {
        throw lacking("browser");
    }

    /**
     * Sends a request with the address of a new dynamic node in its {@code reply-to}, and waits up to ten seconds for
     * the reply.
     */
    default Optional<Incoming> request(Outgoing request) {
        throw lacking("request over a dynamic node");
    }

    private static AssertionError lacking(String ability) {
        return new AssertionError("this client has no " + ability + ": leave it out of the scenario");
    }

    @Override
    void close();
}
