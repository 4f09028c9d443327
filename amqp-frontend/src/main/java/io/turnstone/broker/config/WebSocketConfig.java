package io.turnstone.broker.config;

import java.util.List;
import java.util.Optional;

/**
 * How a listener speaks WebSocket. Immutable.
 *
 * @param path the only path that is answered; empty for any
 * @param origins pages of other hosts that may connect
 * @param maxFrame the largest WebSocket frame, in bytes
 */
public record WebSocketConfig(Optional<String> path, List<String> origins, int maxFrame) {
    public WebSocketConfig {
        origins = List.copyOf(origins);
    }

    /** Any path, no pages of other hosts, frames of 1 MiB. */
    public static final WebSocketConfig DEFAULT = new WebSocketConfig(Optional.empty(), List.of(), 1 << 20);
}
