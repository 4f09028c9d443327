package io.turnstone.broker;

import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.ExchangeStatus;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.plugin.BrokerView;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreStatus;
import io.turnstone.broker.host.VertxHost;
import io.turnstone.router.RouterCore;
import java.util.Collection;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** One broker in figures; empty until it has started. Any thread. */
final class LiveView implements BrokerView {

    private static final StoreStatus STARTING =
            new StoreStatus("ok", "", "", 0, 0, 0, 0, 0, new long[0], new long[] {0});

    private record Running(VertxHost host, RouterCore router, MessageStore store) {}

    private final String node;
    private final long startedAtMs = System.currentTimeMillis();
    private volatile @Nullable Running running;
    private volatile IntSupplier suspended = () -> 0;

    LiveView(String node) {
        this.node = node;
    }

    void of(VertxHost host, RouterCore router, MessageStore store) {
        running = new Running(host, router, store);
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public String version() {
        return Version.text();
    }

    @Override
    public long startedAtMs() {
        return startedAtMs;
    }

    @Override
    public Collection<QueueStatus> queues() {
        Running now = running;
        return now == null ? List.of() : now.router.queueStatus();
    }

    @Override
    public Collection<ExchangeStatus> exchanges() {
        Running now = running;
        return now == null ? List.of() : now.router.exchangeStatus();
    }

    @Override
    public Collection<ConnectionStatus> connections() {
        Running now = running;
        return now == null ? List.of() : now.host.connections();
    }

    /** Who knows what links are suspended. */
    void suspended(IntSupplier links) {
        suspended = links;
    }

    @Override
    public int suspendedLinks() {
        return suspended.getAsInt();
    }

    @Override
    public StoreStatus store() {
        Running now = running;
        return now == null ? STARTING : now.store.status();
    }
}
