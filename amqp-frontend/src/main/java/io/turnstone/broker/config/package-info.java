/**
 * Owns the configuration: the YAML file's keys, how each is read and explained, and the immutable records they become.
 * Of the broker it imports the
 * vocabulary ({@code io.turnstone.api}), the values of {@code security}, what the router calls a declared topology and the
 * built-in stores, which know their options.
 */
@NullMarked
package io.turnstone.broker.config;

import org.jspecify.annotations.NullMarked;
