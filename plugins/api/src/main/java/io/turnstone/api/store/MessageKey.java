package io.turnstone.api.store;

/**
 * By what one queue knows a message when it is published again.
 *
 * @param queueId the queue
 * @param high first half of a number of 128 bits that stands for the key
 * @param low its second half
 * @param atMs when the message came, in milliseconds since the epoch
 * @param untilMs when the queue forgets the key
 * @param max how many keys the queue remembers at most: of older ones the store need not keep more
 */
public record MessageKey(int queueId, long high, long low, long atMs, long untilMs, int max) {}
