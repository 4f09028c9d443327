/**
 * Owns what a queue is: its entries, limits, consumers and dead letters, and the hand-off between loops. Where dead
 * letters go it asks through {@code DeadLetterRoutes}. Imports nothing of the router.
 */
@NullMarked
package io.turnstone.router.queue;

import org.jspecify.annotations.NullMarked;
