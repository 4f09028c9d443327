package io.turnstone.api.plugin;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import java.util.function.Consumer;

/**
 * A kind of exchange. Immutable, any thread.
 *
 * <p>A plugin registers it when it starts. If its JAR names the class in {@code META-INF/services} as well, and the class
 * has a public constructor without parameters, {@code turnstone check} asks it about arguments and binding keys before
 * anything starts.
 */
public interface ExchangeType {

    /** The name in declarations, such as {@code topic}. */
    String name();

    /**
     * An exchange of this type without bindings.
     *
     * @throws IllegalArgumentException when an argument of the specification is not valid; says which and why
     */
    Routes create(ExchangeSpec spec);

    /**
     * The bindings of one exchange as an immutable routing function; a change makes a new one that shares what it can.
     * Called on any loop at the same time.
     */
    interface Routes {

        /**
         * These routes and one more binding. Never called with one that is there already.
         *
         * @throws IllegalArgumentException when the key or an argument of the binding is not valid; says which and why
         */
        Routes with(Binding binding);

        /** These routes without one binding. */
        Routes without(Binding binding);

        /**
         * Finds where one message goes.
         *
         * @param message the message
         * @param routingKey the key it was published with
         * @param matched called for each binding that wants it; a binding or destination may be told more than once
         */
        void route(Message message, String routingKey, Consumer<Binding> matched);

        /** Whether the result depends on the routing key alone, so that it may be remembered per key. */
        boolean byKeyAlone();
    }
}
