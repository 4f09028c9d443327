/**
 * Owns the way in and out: links, publishers, consumers, and what each loop remembers; {@code RouterCore} assembles the
 * module. Imports the topology, exchanges and queues, which do not know it; neither protocol, network nor store.
 */
@NullMarked
package io.turnstone.router;

import org.jspecify.annotations.NullMarked;
