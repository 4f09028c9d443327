package io.turnstone.broker.plugin;

import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.broker.config.InstalledPlugins;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;

/** Looks into the JARs of plugins; starts none. Used by one thread; close it when the file is read. */
public final class PluginJars implements InstalledPlugins, AutoCloseable {

    private final List<PluginFolder> open = new ArrayList<>();
    private final List<ExchangeType> exchangeTypes = new ArrayList<>();

    @Override
    public Optional<String> problem(String name, Optional<Path> folder) {
        try {
            PluginFolder plugin = PluginFolder.open(name, folder);
            open.add(plugin);
            exchangeTypes.addAll(plugin.exchangeTypes());
            return Optional.empty();
        } catch (PluginException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
            return Optional.of("plugin '" + name + "' cannot be loaded: " + e.getMessage());
        }
    }

    @Override
    public List<ExchangeType> exchangeTypes() {
        return List.copyOf(exchangeTypes);
    }

    @Override
    public void close() {
        open.forEach(PluginFolder::close);
    }
}
