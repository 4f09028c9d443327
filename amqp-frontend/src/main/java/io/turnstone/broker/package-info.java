/**
 * Owns the assembly: command line, configuration, plugin loading, start and stop; imports every module and is
 * imported by none.
 */
@NullMarked
package io.turnstone.broker;

import org.jspecify.annotations.NullMarked;
