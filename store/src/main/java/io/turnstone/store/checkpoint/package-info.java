/**
 * What lives, and where: the index that follows the journal, blocks of messages in MapDB and their directory, the
 * checkpointer that brings the one into the other, reads for queues, and recovery. Knows journal, pages, bodies in files
 * and files.
 */
@NullMarked
package io.turnstone.store.checkpoint;

import org.jspecify.annotations.NullMarked;
