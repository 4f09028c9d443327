package io.turnstone.router.topology;

import io.turnstone.api.Refusal;
import io.turnstone.api.plugin.BrokerEvent;

/** Hears what changed in the topology, on the topology loop, after the fact. */
public interface TopologyListener {

    /** Something was made. */
    void happened(BrokerEvent event);

    /** Things are gone: who published to them ends with this reason. */
    void removed(Removal removal, Refusal reason);
}
