/** Shows the broker's figures to Prometheus. Imports {@code io.turnstone.api} and the Prometheus client. */
@NullMarked
package io.turnstone.metrics;

import org.jspecify.annotations.NullMarked;
