/**
 * The store's instrument: the store beside its peers on one machine, in one run. Knows the store through {@code
 * io.turnstone.api.store} alone. How to run it: docs/performance.md.
 */
@NullMarked
package io.turnstone.store.bench;

import org.jspecify.annotations.NullMarked;
