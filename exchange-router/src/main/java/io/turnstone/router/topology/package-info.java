/**
 * Owns which exchanges, bindings and queues there are: their declaration, definitions and policies, the changes and the
 * recovery of them, and the routes that follow. Imports exchanges and queues, not the way in.
 */
@NullMarked
package io.turnstone.router.topology;

import org.jspecify.annotations.NullMarked;
