package io.turnstone.broker.plugin;

import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.api.plugin.Plugin;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** One plugin's JARs, in a class loader of their own. Used by the thread that starts and stops the broker. */
final class PluginFolder {

    private static final Logger LOG = LogManager.getLogger(PluginFolder.class);

    private final URLClassLoader classes;
    private final Plugin plugin;

    private PluginFolder(URLClassLoader classes, Plugin plugin) {
        this.classes = classes;
        this.plugin = plugin;
    }

    /**
     * Loads the plugin of this name.
     *
     * @param folder the folder with a folder for each plugin; empty for that of the distribution
     */
    static PluginFolder open(String name, Optional<Path> folder) {
        Path home = folder.or(PluginFolder::ofDistribution)
                .orElseThrow(() -> new PluginException("plugin '" + name
                        + "' cannot be found: this broker does not run from a distribution; set 'plugin-folder'"));
        URL[] jars = jars(name, home.resolve(name));
        var classes = new URLClassLoader("plugin-" + name, jars, new ApiClassLoader(Plugin.class.getClassLoader()));
        try {
            return new PluginFolder(classes, find(name, home, classes));
        } catch (PluginException e) {
            close(classes);
            throw e;
        }
    }

    private static Optional<Path> ofDistribution() {
        return Optional.ofNullable(System.getProperty("turnstone.home")).map(home -> Path.of(home, "plugins"));
    }

    private static URL[] jars(String name, Path folder) {
        List<URL> jars = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
                for (Path jar : found) {
                    jars.add(url(jar));
                }
            } catch (IOException e) {
                throw new PluginException("plugin '" + name + "' cannot be read from " + folder, e);
            }
        }
        if (jars.isEmpty()) {
            throw new PluginException("plugin '" + name + "' is not installed: there is no JAR in " + folder
                    + "; install it there or remove it from 'plugins:'");
        }
        jars.sort(java.util.Comparator.comparing(URL::toString));
        return jars.toArray(URL[]::new);
    }

    private static URL url(Path jar) throws MalformedURLException {
        return jar.toUri().toURL();
    }

    private static Plugin find(String name, Path home, ClassLoader classes) {
        List<String> others = new ArrayList<>();
        try {
            for (Plugin candidate : ServiceLoader.load(Plugin.class, classes)) {
                if (candidate.name().equals(name)) {
                    return candidate;
                }
                others.add(candidate.name());
            }
        } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
            throw new PluginException("plugin '" + name + "' cannot be loaded: " + e.getMessage(), e);
        }
        throw new PluginException("plugin '" + name + "' is not in " + home.resolve(name) + ": "
                + (others.isEmpty()
                        ? "its JARs name no class in META-INF/services/" + Plugin.class.getName()
                        : "its JARs offer " + others + "; use that name in 'plugins:' and for the folder"));
    }

    /** The exchange types that the JARs name in META-INF/services: known without starting the plugin. */
    List<ExchangeType> exchangeTypes() {
        return ServiceLoader.load(ExchangeType.class, classes).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    Plugin plugin() {
        return plugin;
    }

    void close() {
        close(classes);
    }

    private static void close(URLClassLoader classes) {
        try {
            classes.close();
        } catch (IOException e) {
            LOG.warn("{} did not close: {}", classes.getName(), e.getMessage());
        }
    }
}
