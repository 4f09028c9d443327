/** Owns the load generator, which speaks plain AMQP 1.0 and imports nothing of the broker. */
@NullMarked
package io.turnstone.load;

import org.jspecify.annotations.NullMarked;
