/**
 * Owns the node {@code /management}: requests and answers over a pair of links, in terms of HTTP, about the topology.
 * Knows the api, messages, terms, codec and errors of the front end, but neither its links nor its sessions.
 */
@NullMarked
package io.turnstone.amqp.management;

import org.jspecify.annotations.NullMarked;
