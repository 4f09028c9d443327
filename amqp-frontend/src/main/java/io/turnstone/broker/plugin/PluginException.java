package io.turnstone.broker.plugin;

/** A plugin that must run cannot; the message names it and the remedy. */
public final class PluginException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PluginException(String message) {
        super(message);
    }

    PluginException(String message, Throwable cause) {
        super(message, cause);
    }
}
