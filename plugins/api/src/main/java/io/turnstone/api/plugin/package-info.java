/**
 * How the broker is extended: the {@link io.turnstone.api.plugin.Plugin} a JAR offers through {@code ServiceLoader},
 * and the things it can register.
 */
@NullMarked
package io.turnstone.api.plugin;

import org.jspecify.annotations.NullMarked;
