/**
 * The vocabulary of Turnstone and the seams between its modules: messages, addresses, queues as they are specified,
 * and what a protocol front end asks of the core. Imports the JDK and JSpecify only.
 */
@NullMarked
package io.turnstone.api;

import org.jspecify.annotations.NullMarked;
