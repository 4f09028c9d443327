/**
 * Owns what a peer may do wrong: a link, a session or the connection ends of it. Imports nothing of the front end.
 */
@NullMarked
package io.turnstone.amqp.error;

import org.jspecify.annotations.NullMarked;
