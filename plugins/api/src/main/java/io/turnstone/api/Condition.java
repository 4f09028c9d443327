package io.turnstone.api;

/** What kind of thing is wrong, whatever the protocol; front ends map it to their own error codes. */
public enum Condition {
    /** The queue or exchange does not exist. */
    NOT_FOUND,
    /** It exists but differs from what was asked, or is not in the state the request needs. */
    PRECONDITION_FAILED,
    /** Somebody else has exclusive use of it. */
    RESOURCE_LOCKED,
    /** It was deleted while in use. */
    RESOURCE_DELETED,
    /** The user may not do this. */
    UNAUTHORIZED,
    /** Nobody may do this: the name or the thing is the broker's own. */
    NOT_ALLOWED,
    /** A limit is reached. */
    LIMIT_EXCEEDED,
    /** The request makes no sense; the message says which part. */
    INVALID,
    /** The broker does not offer this. */
    NOT_IMPLEMENTED,
    /** The broker cannot do it at present (the store is closed for writing, it is stopping). */
    UNAVAILABLE,
    /** It took too long and was given up. */
    TIMEOUT,
    /** A defect of the broker or of a plugin. */
    INTERNAL
}
