package io.turnstone.amqp;

/**
 * What identifies a link over all connections (part 2, section 2.6.1). The user is part of it: a container id is only what
 * a peer says of itself, and nobody else is to get at the deliveries.
 */
record LinkKey(String user, String container, LinkName link) {}
