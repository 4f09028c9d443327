package io.turnstone.api;

/** What became of one published message. */
public sealed interface PublishOutcome {

    /** The shared instance of {@link Accepted}. */
    Accepted ACCEPTED = new Accepted();

    /** The shared instance of {@link Unroutable}. */
    Unroutable UNROUTABLE = new Unroutable();

    /** Every queue has it, as durably as was promised. */
    record Accepted() implements PublishOutcome {}

    /** No binding and no alternate exchange wanted it; nothing was kept. AMQP: {@code released}. */
    record Unroutable() implements PublishOutcome {}

    /** Refused; nothing was kept. AMQP: {@code rejected} with the refusal's condition and description. */
    record Refused(Refusal refusal) implements PublishOutcome {}
}
