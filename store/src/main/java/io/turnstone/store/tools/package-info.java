/**
 * What operators do with a store, running or not: look, verify, back up, export, import, salvage. Knows the store and
 * all its parts, and is known by none of them.
 */
@NullMarked
package io.turnstone.store.tools;

import org.jspecify.annotations.NullMarked;
