package io.turnstone.router.queue;

/** Whether a queue's limit lets one more message in. */
public enum Admission {
    /** Yes; room is reserved until the message enters or {@link MessageQueue#unadmit} gives it back. */
    OK,
    /** No: the publisher is told so. Nothing is reserved. */
    REFUSED,
    /** No: the message goes where the queue's dead messages go, as {@code MAXLEN}. Nothing is reserved. */
    DEAD_LETTER,
    /** Not now: the publisher waits with {@link MessageQueue#awaitRoom} and tries again. Nothing is reserved. */
    BLOCKED
}
