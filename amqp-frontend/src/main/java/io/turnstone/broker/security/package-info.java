/**
 * Owns who may come in and what they may do: password verifiers, the slowing of failed logins, permissions. Imports the
 * broker's vocabulary ({@code io.turnstone.api}) only.
 */
@NullMarked
package io.turnstone.broker.security;

import org.jspecify.annotations.NullMarked;
