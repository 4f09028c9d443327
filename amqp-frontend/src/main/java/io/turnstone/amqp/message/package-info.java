/**
 * Owns what a message is on the wire: its sections, indexed by one scan, and how it leaves again in transfers. Imports the
 * codec; knows no link.
 */
@NullMarked
package io.turnstone.amqp.message;

import org.jspecify.annotations.NullMarked;
