package io.turnstone.broker.config;

import io.turnstone.api.plugin.ExchangeType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What can be known about plugins without starting them; asked while a file is read. Used by one thread. */
public interface InstalledPlugins {

    /** Nothing is known: what needs a plugin is believed. */
    InstalledPlugins UNKNOWN = new InstalledPlugins() {
        @Override
        public Optional<String> problem(String name, Optional<Path> folder) {
            return Optional.empty();
        }

        @Override
        public List<ExchangeType> exchangeTypes() {
            return List.of();
        }
    };

    /**
     * Why a plugin cannot be loaded; empty when it can.
     *
     * @param folder the folder with a folder for each plugin; empty for that of the distribution
     */
    Optional<String> problem(String name, Optional<Path> folder);

    /** The exchange types of those asked for so far, as far as their JARs name them. */
    List<ExchangeType> exchangeTypes();
}
