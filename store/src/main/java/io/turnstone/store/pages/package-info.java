/**
 * MapDB's file: records by number on a volume whose commits are whole or not there, and the generations of that file.
 * Says nothing of what the records mean. Knows the files.
 */
@NullMarked
package io.turnstone.store.pages;

import org.jspecify.annotations.NullMarked;
