/** The exchange type {@code consistent-hash}. Imports {@code io.turnstone.api} only. */
@NullMarked
package io.turnstone.hash;

import org.jspecify.annotations.NullMarked;
