/**
 * Owns AMQP 1.0 on the wire: connections, sessions, links and their frames; sees the broker only through the
 * api.
 */
@NullMarked
package io.turnstone.amqp;

import org.jspecify.annotations.NullMarked;
