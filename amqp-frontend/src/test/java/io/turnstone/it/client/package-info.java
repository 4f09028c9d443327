/** Existing AMQP 1.0 clients behind one small interface, so that one scenario runs with all of them. */
@NullMarked
package io.turnstone.it.client;

import org.jspecify.annotations.NullMarked;
