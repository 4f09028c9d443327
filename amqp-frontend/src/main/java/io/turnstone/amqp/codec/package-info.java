/**
 * Owns the bytes of AMQP 1.0: frames, performatives and the encodings of types, and what of it is hot without an object.
 * Imports nothing of the front end but the errors.
 */
@NullMarked
package io.turnstone.amqp.codec;

import org.jspecify.annotations.NullMarked;
