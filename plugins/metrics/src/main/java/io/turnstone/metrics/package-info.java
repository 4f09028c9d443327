/** Owns the export of the broker's counters to Prometheus; imports only the api. */
@NullMarked
package io.turnstone.metrics;

import org.jspecify.annotations.NullMarked;
