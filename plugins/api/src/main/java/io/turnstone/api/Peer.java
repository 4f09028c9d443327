package io.turnstone.api;

/**
 * The connection on whose behalf something is asked: owner of exclusive queues, subject of permissions. Immutable.
 *
 * @param connectionId unique for the life of this broker process
 * @param protocol the protocol's name, such as {@code amqp}
 * @param containerId what the client calls itself
 * @param identity who it authenticated as
 * @param remoteAddress host and port of the other end
 */
public record Peer(long connectionId, String protocol, String containerId, Identity identity, String remoteAddress) {}
