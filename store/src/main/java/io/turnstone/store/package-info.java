/**
 * Owns what survives a crash: the journal that commits and the MapDB pages that keep; the only place that
 * imports MapDB.
 */
@NullMarked
package io.turnstone.store;

import org.jspecify.annotations.NullMarked;
