package io.turnstone.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where messages go to or come from, whatever dialect the client wrote it in. Immutable. */
public sealed interface Address {

    /**
     * A queue by name.
     *
     * @param mayCreate whether the auto-create policy applies when it does not exist
     */
    record Queue(String name, boolean mayCreate) implements Address {}

    /**
     * An exchange by name. As a source it is a private subscription: a queue of its own, bound with the key
     * (with no key: everything the exchange gets).
     *
     * @param key the routing key, or null to use each message's subject
     * @param arguments of the binding of a source, as the exchange's type reads them; values are JDK types
     */
    record Exchange(String name, @Nullable String key, Map<String, Object> arguments) implements Address {

        public Exchange {
            arguments = Map.copyOf(arguments);
        }

        /** Without arguments. */
        public Exchange(String name, @Nullable String key) {
            this(name, key, Map.of());
        }
    }

    /**
     * A topic: an exchange that comes into being with its first subscriber and goes with the last, unless somebody
     * declared it. What is published while there is none is accepted and lost.
     */
    record Topic(String name) implements Address {}

    /** A subscription, as a source: made when there is none, else taken up again with what it has kept. */
    record Subscribed(Subscription to) implements Address {}

    /**
     * A plain name: the queue of that name, else the exchange, else {@code exchange/key} split at the first slash;
     * a name without a slash else a new queue, if the auto-create policy allows it.
     */
    record Plain(String name) implements Address {}

    /** None: each message names its own address. As a source it is invalid. */
    record Anonymous() implements Address {}

    /**
     * A new temporary queue, or topic, that lives as long as the publisher or consumer that asked for it, or longer. Only
     * the connection that created it may consume from it if it goes with its link, as topics do.
     *
     * @param name the unique name it gets, chosen by the front end
     * @param lifetime how long it lives; ignored for a topic
     * @param topic whether it is a topic; as a source it is a queue in any case
     */
    record Dynamic(String name, Lifetime lifetime, boolean topic) implements Address {

        /** A queue that goes with its link. */
        public Dynamic(String name) {
            this(name, Lifetime.LINK, false);
        }
    }

    /** How long a node lives that was made for a link. */
    enum Lifetime {
        /** As long as that link. */
        LINK,
        /** As long as that link or any other to it. */
        NO_LINKS,
        /** As long as that link, and then until it is empty. */
        NO_MESSAGES,
        /** As long as that link, and then until it is empty and without links. */
        NO_LINKS_OR_MESSAGES
    }

    /**
     * The same for replies that are of use at once or never: what comes while its consumer, which settles nothing, cannot
     * take it is dropped. As a target it is the queue of that name.
     *
     * @param name as for {@link Dynamic}
     */
    record Volatile(String name) implements Address {}
}
