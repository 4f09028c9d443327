/**
 * Keeps durable queues: a journal that makes every accepted record survive, and MapDB behind it for what stays. Owns
 * the bytes on disk (docs/format.md). Here the parts are put together; {@code .checkpoint} knows {@code .journal} and
 * {@code .pages}, the journal {@code .spool}, all of them {@code .files}, and {@code .tools} all of it. Imports {@code
 * io.turnstone.api}, MapDB and the logging API, nothing else of Turnstone.
 */
@NullMarked
package io.turnstone.store;

import org.jspecify.annotations.NullMarked;
