package io.turnstone.it.client;

import java.util.List;
import java.util.Optional;

/**
 * One connection of an existing AMQP 1.0 client, reduced to what the scenarios ask of it. Every call opens a link of
 * its own and closes it again. Used by one thread.
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
    Optional<Incoming> receiveNoWait(String address);

    /** Looks at what is there without taking it, in order. */
    List<Incoming> browse(String address);

    /**
     * Sends a request with the address of a new dynamic node in its {@code reply-to}, and waits up to ten seconds for
     * the reply.
     */
    Optional<Incoming> request(Outgoing request);

    @Override
    void close();
}
