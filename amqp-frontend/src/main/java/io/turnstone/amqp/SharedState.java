package io.turnstone.amqp;

/**
 * What the connections of one broker have in common. Any thread.
 *
 * @param soleConnections containers with one connection only
 * @param strangers peers that were turned away
 * @param lasting links that outlive their connections
 */
record SharedState(SoleConnections soleConnections, Strangers strangers, LastingLinks lasting) {}
