/**
 * Owns what is alive of AMQP 1.0: connections, sessions, links, and who answers what when. Sees the broker only through the
 * api; imports messages, terms and the codec, which do not know it.
 */
@NullMarked
package io.turnstone.amqp;

import org.jspecify.annotations.NullMarked;
