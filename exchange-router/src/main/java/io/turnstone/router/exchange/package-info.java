/**
 * Owns what an exchange is: the built-in types, their immutable bindings and the counters. Imports nothing of the router.
 */
@NullMarked
package io.turnstone.router.exchange;

import org.jspecify.annotations.NullMarked;
