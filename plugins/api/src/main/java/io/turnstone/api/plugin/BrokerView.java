package io.turnstone.api.plugin;

import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.ExchangeStatus;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.store.StoreStatus;
import java.util.Collection;

/** The running broker in figures. Reads snapshots that loops publish once per turn; any thread, never blocks. */
public interface BrokerView {

    /** The broker's name for itself, as in the {@code open} of AMQP. */
    String node();

    /** Its version. */
    String version();

    /** When it started, in milliseconds since the epoch. */
    long startedAtMs();

    /** Every queue. */
    Collection<QueueStatus> queues();

    /** Every exchange, the default exchange included. */
    Collection<ExchangeStatus> exchanges();

    /** Every open connection. */
    Collection<ConnectionStatus> connections();

    /** Links that are gone with their connection, and kept with what they hold until they are resumed. */
    default int suspendedLinks() {
        return 0;
    }

    /** The store. */
    StoreStatus store();
}
