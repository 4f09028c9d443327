/**
 * Owns what a broker says to itself before its classes are archived. Knows the codec and nothing else.
 */
@NullMarked
package io.turnstone.amqp.rehearsal;

import org.jspecify.annotations.NullMarked;
