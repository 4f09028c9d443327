/**
 * Owns the comparison: starts brokers as processes of their own, puts the same workloads on each and writes what came
 * out. Speaks to brokers through the load generator alone and imports nothing of any of them.
 */
@NullMarked
package io.turnstone.load.compare;

import org.jspecify.annotations.NullMarked;
