/**
 * A whole broker and existing clients: every scenario starts a broker on a free port with a temporary folder and asserts
 * what its clients see.
 */
@NullMarked
package io.turnstone.it;

import org.jspecify.annotations.NullMarked;
