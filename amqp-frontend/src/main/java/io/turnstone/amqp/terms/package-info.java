/**
 * Owns what two peers agree on, in the words of the api: addresses, termini, filters, outcomes and conditions. Pure
 * translations; imports the codec and the errors.
 */
@NullMarked
package io.turnstone.amqp.terms;

import org.jspecify.annotations.NullMarked;
