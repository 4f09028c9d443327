/**
 * Owns the machine side of the broker: event loops, listening sockets, TLS, byte channels for protocols. The only
 * package beside the codec that knows Netty; knows of ours the vocabulary ({@code io.turnstone.api}) and the listeners'
 * configuration.
 */
@NullMarked
package io.turnstone.broker.host;

import org.jspecify.annotations.NullMarked;
