package io.turnstone.api.plugin;

import io.turnstone.api.Binding;
import io.turnstone.api.DeathReason;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Peer;
import io.turnstone.api.QueueSpec;

/** Something that happened in the broker, after the fact. Immutable. */
public sealed interface BrokerEvent {

    /** A connection was opened and authenticated. */
    record Connected(Peer peer) implements BrokerEvent {}

    /** The peer of a connection that was opened without a name has shown who it is; nothing was done under the old name. */
    record Identified(Peer peer) implements BrokerEvent {}

    /** A connection ended; {@code reason} is empty for a clean close. */
    record Disconnected(Peer peer, String reason) implements BrokerEvent {}

    /** A login failed. */
    record LoginFailed(String user, String remoteAddress) implements BrokerEvent {}

    /** A queue was made. */
    record QueueDeclared(QueueSpec queue) implements BrokerEvent {}

    /** A queue was deleted. */
    record QueueDeleted(String queue) implements BrokerEvent {}

    /** An exchange was made. */
    record ExchangeDeclared(ExchangeSpec exchange) implements BrokerEvent {}

    /** An exchange was deleted. */
    record ExchangeDeleted(String exchange) implements BrokerEvent {}

    /** A binding was made. */
    record Bound(Binding binding) implements BrokerEvent {}

    /** A binding was removed. */
    record Unbound(Binding binding) implements BrokerEvent {}

    /** A message was moved to a dead-letter queue. */
    record DeadLettered(String queue, DeathReason reason) implements BrokerEvent {}
}
