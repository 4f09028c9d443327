package io.turnstone.broker.config;

import io.turnstone.api.store.StoreProvider;
import io.turnstone.store.MapDbStoreProvider;
import io.turnstone.store.MemoryStoreProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What listeners, stores and plugins mean together. */
final class ServerChecks {

    private static final List<StoreProvider> STORES = List.of(new MapDbStoreProvider(), new MemoryStoreProvider());

    /** The wildcard addresses: a listener there takes its port on all addresses. */
    private static final Set<String> EVERY_HOST = Set.of("0.0.0.0", "::");

    private final Values file;
    private final ShippedPlugins shipped;

    ServerChecks(Values file) {
        this.file = file;
        shipped = ShippedPlugins.of(file);
    }

    List<ListenerConfig> listeners() {
        checkPlugins();
        if (file.given(ConfigShape.STORE)) {
            checkStore(file.get(ConfigShape.STORE));
        }
        if (!file.given(ConfigShape.LISTENERS)) {
            return List.of(ListenerConfig.amqp("127.0.0.1", ConfigFile.DEFAULT_PORT));
        }
        List<ListenerConfig> listeners = new ArrayList<>();
        for (Declared<ListenerConfig> declared : file.get(ConfigShape.LISTENERS)) {
            ListenerConfig listener = declared.value();
            if (!shipped.others() && !listener.protocol().equals("amqp")) {
                declared.source()
                        .problem(
                                ListenerShape.PROTOCOL,
                                "'" + listener.protocol()
                                        + "' is unknown: amqp, amqps, amqp-ws and amqp-wss are built in, others need their plugin under 'plugins'");
            }
            if (listeners.stream().anyMatch(above -> collide(above, listener))) {
                declared.source()
                        .problem(
                                ListenerShape.PORT,
                                listener.port() + " of " + listener.host()
                                        + " is taken by a listener above; choose another");
            }
            listeners.add(listener);
        }
        if (listeners.isEmpty() && file.reading().problems().count() == 0) {
            file.problem(ConfigShape.LISTENERS, "is empty, so nobody could connect; remove the key or add a listener");
        }
        return listeners;
    }

    /** Whether both would take one port: on the same host, or one of them on every host of this machine. */
    private static boolean collide(ListenerConfig one, ListenerConfig other) {
        return other.port() != 0
                && one.port() == other.port()
                && (one.host().equals(other.host())
                        || EVERY_HOST.contains(one.host())
                        || EVERY_HOST.contains(other.host()));
    }

    private void checkStore(Values store) {
        String type = store.get(ServerShapes.STORE_TYPE);
        for (StoreProvider provider : STORES) {
            if (provider.type().equals(type)) {
                provider.problems(store.extra()).forEach((key, text) -> store.problemAt(key, "store: " + text));
                return;
            }
        }
        if (!shipped.others()) {
            store.problem(
                    ServerShapes.STORE_TYPE,
                    "must not be '" + type + "'; "
                            + Suggestion.sentence(
                                    type,
                                    STORES.stream().map(StoreProvider::type).toList())
                            + " Others need their plugin under 'plugins'");
        }
    }

    private void checkPlugins() {
        Set<String> names = new HashSet<>();
        for (Declared<PluginConfig> plugin : file.get(ConfigShape.PLUGINS)) {
            String name = plugin.value().name();
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                plugin.source()
                        .problem(
                                ServerShapes.PLUGIN_NAME,
                                "'" + name + "' must be the name of a folder: letters, digits, '.', '_', '-'");
            } else if (!names.add(name)) {
                plugin.source().problem(ServerShapes.PLUGIN_NAME, "'" + name + "' is there twice; keep one of them");
            } else if (!plugin.value().optional()) {
                file.reading()
                        .plugins()
                        .problem(name, ConfigFile.pluginFolder(file))
                        .ifPresent(text -> plugin.source().problemAt(ServerShapes.PLUGIN_NAME.name(), text));
            }
        }
    }
}
