/**
 * The folder of a store: files behind one layer, which a test may let fail, who may use the folder, what it says of itself,
 * and what is wrong with it. Knows nothing else of the store.
 */
@NullMarked
package io.turnstone.store.files;

import org.jspecify.annotations.NullMarked;
