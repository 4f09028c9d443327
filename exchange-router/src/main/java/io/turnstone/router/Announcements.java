package io.turnstone.router;

import io.turnstone.api.Refusal;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.router.topology.Removal;
import io.turnstone.router.topology.TopologyListener;
import java.util.List;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Tells listeners what happened and publishers what is gone. Any thread. */
final class Announcements implements TopologyListener {

    private static final Logger log = LogManager.getLogger(Announcements.class);

    private final Consumer<BrokerEvent> events;
    private final List<RouterLoop> loops;

    Announcements(Consumer<BrokerEvent> events, List<RouterLoop> loops) {
        this.events = events;
        this.loops = loops;
    }

    @Override
    public void happened(BrokerEvent event) {
        try {
            events.accept(event);
        } catch (RuntimeException | LinkageError e) {
            log.error("a listener failed on {}", event, e);
        }
    }

    @Override
    public void removed(Removal removal, Refusal reason) {
        removal.bindings().forEach(binding -> happened(new BrokerEvent.Unbound(binding)));
        removal.exchanges().forEach(exchange -> happened(new BrokerEvent.ExchangeDeleted(exchange.name())));
        removal.queues().forEach(entry -> happened(new BrokerEvent.QueueDeleted(entry.name())));
        if (removal.exchanges().isEmpty() && removal.queues().isEmpty()) {
            return;
        }
        for (RouterLoop loop : loops) {
            loop.loop().execute(() -> {
                removal.exchanges().forEach(exchange -> loop.gone(exchange, reason));
                removal.queues().forEach(entry -> loop.gone(entry.queue(), reason));
            });
        }
    }
}
