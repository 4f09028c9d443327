/**
 * Owns plugins: loading, lifecycle, and the wall around what they register. Knows of ours the vocabulary
 * ({@code io.turnstone.api}) and the plugins' configuration.
 */
@NullMarked
package io.turnstone.broker.plugin;

import org.jspecify.annotations.NullMarked;
