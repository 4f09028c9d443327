package io.turnstone.amqp;

/**
 * What identifies a link between two containers (part 2, section 2.6.1).
 *
 * @param name the name the peer gave it
 * @param incoming whether it brings messages to the broker
 */
record LinkName(String name, boolean incoming) {}
