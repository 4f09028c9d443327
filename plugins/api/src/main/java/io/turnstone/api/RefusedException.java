package io.turnstone.api;

/** A request the broker refuses; carries the {@link Refusal}. No stack trace: the peer's request is the cause. */
public final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    /** Refuses for this reason. */
    public RefusedException(Refusal refusal) {
        super(refusal.description(), null, false, false);
        this.refusal = refusal;
    }

    /** Refuses without facts for programs. */
    public RefusedException(Condition condition, String description) {
        this(new Refusal(condition, description));
    }

    /** Why. */
    public Refusal refusal() {
        return refusal;
    }
}
