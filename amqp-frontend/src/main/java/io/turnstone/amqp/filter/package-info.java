/**
 * Owns the languages in which a link says which messages it wants: the selectors of JMS, the SQL of AMQP filter
 * expressions, and filters by property. Each becomes an expression once and is then asked message by message, reading
 * of a message only what it names. Imports the messages and the codec; knows neither links nor termini.
 */
@NullMarked
package io.turnstone.amqp.filter;

import org.jspecify.annotations.NullMarked;
