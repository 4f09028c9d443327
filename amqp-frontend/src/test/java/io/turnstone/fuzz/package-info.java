/**
 * Fuzz targets for the front end: each takes any bytes and must come back, without an exception and without having kept
 * anything. {@link io.turnstone.fuzz.FuzzTargetsTest} runs them on seeds and the corpus, the script {@code .ci/fuzz} under
 * a fuzzer that follows coverage.
 */
@NullMarked
package io.turnstone.fuzz;

import org.jspecify.annotations.NullMarked;
