package io.turnstone.api;

/**
 * One open connection.
 *
 * @param peer who
 * @param sessions open sessions
 * @param links open links, both ways
 * @param openedAtMs since when, in milliseconds since the epoch
 */
public record ConnectionStatus(Peer peer, int sessions, int links, long openedAtMs) {}
