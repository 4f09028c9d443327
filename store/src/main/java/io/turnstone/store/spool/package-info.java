/**
 * Bodies that are too large for the journal, each in a file of its own: written while it comes, read while it goes, and
 * deleted when the last that names it has left. Knows the files.
 */
@NullMarked
package io.turnstone.store.spool;

import org.jspecify.annotations.NullMarked;
