/** The seam below the queues: what a durable store is asked for, and what it answers. Imports {@code io.turnstone.api}. */
@NullMarked
package io.turnstone.api.store;

import org.jspecify.annotations.NullMarked;
