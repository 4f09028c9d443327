package io.turnstone.api.plugin;

/** Hears what happens in the broker. Called on a loop; must not block it. */
@FunctionalInterface
public interface BrokerListener {

    /** Something happened. */
    void on(BrokerEvent event);
}
