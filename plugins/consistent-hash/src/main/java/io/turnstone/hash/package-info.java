/** Owns the exchange type that spreads routing keys over queues by consistent hashing; imports only the api. */
@NullMarked
package io.turnstone.hash;

import org.jspecify.annotations.NullMarked;
