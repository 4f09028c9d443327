/**
 * Owns exchanges, bindings and queues: which queue a message goes to, and when it leaves; imports neither
 * protocol, network nor store.
 */
@NullMarked
package io.turnstone.router;

import org.jspecify.annotations.NullMarked;
