package io.turnstone.load;

import org.apache.qpid.proton.amqp.transport.Attach;

/** One link of a session, from our attach on. Owned by one connection. */
sealed interface Link permits Producer, Consumer {

    /** Unique on its connection. */
    String name();

    /** The frame that asks for this link. */
    Attach attach();

    /** The broker answered with a terminus. */
    void attached(Attach reply);
}
