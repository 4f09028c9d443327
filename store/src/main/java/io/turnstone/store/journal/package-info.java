/**
 * The commit point: records of decisions on their way from loops through one writer into segments, their bytes, and how
 * they are read again. Knows the files and bodies in files, and of those who follow it only {@link
 * io.turnstone.store.journal.JournalFollower}.
 */
@NullMarked
package io.turnstone.store.journal;

import org.jspecify.annotations.NullMarked;
