package io.turnstone.it.client;

/** How a client ends a delivery. */
public enum Settle {
    ACCEPTED,
    REJECTED,
    RELEASED,
    /** Modified with delivery-failed. */
    FAILED,
    /** Modified with delivery-failed and undeliverable-here. */
    UNDELIVERABLE
}
