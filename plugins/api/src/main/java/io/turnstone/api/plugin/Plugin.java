package io.turnstone.api.plugin;

/**
 * An extension of the broker, found with {@link java.util.ServiceLoader} in {@code plugins/NAME/*.jar} and switched on
 * by an entry under {@code plugins:} in the configuration. Has a public constructor without parameters.
 *
 * <p><b>Threads:</b> {@link #start} and {@link #close} are called by the thread that starts and stops the broker.
 *
 * <p><b>Errors:</b> a plugin that throws from {@link #start} keeps the broker from starting unless it is configured
 * {@code optional: true}. What it registered throws later: the call is logged with the plugin's name, counted as a
 * refusal of that one request, and the broker goes on.
 */
public interface Plugin {

    /** The name in the configuration file. */
    String name();

    /** Registers what the plugin offers; called before the broker opens its listeners. */
    void start(PluginContext context) throws Exception;

    /** Releases what {@link #start} took; called when the listeners and the store are closed. */
    void close() throws Exception;
}
