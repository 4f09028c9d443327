package io.turnstone.broker.host;

import org.jspecify.annotations.Nullable;

/** A socket or loop of this machine cannot be had; the message says which and what to do. */
public final class HostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    HostException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
