package io.turnstone.amqp.filter;

import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Overlay;
import org.jspecify.annotations.Nullable;

/** A property of messages that a filter wants to have one value. Equal to another of the same property. Immutable. */
final class KeyField implements MessageFilter.Field {

    /** Says which it is, without regard to the expression it was found in: a field, or an application property's name. */
    private final Object identity;

    private final Term term;
    private final Needs needs = new Needs();

    private KeyField(Object identity) {
        this.identity = identity;
        this.term = identity instanceof Field field ? field : needs.applicationProperty((String) identity);
    }

    /** What every message of which a formula is true has in common, or null. */
    static MessageFilter.@Nullable Key of(Formula formula) {
        if (formula instanceof Junction junction && junction.decides() == Formula.Truth.FALSE) {
            for (Formula part : junction.parts()) {
                MessageFilter.Key key = of(part);
                if (key != null) {
                    return key;
                }
            }
        }
        if (formula instanceof Comparison comparison && comparison.sign() == Comparison.Sign.EQUAL) {
            MessageFilter.Key key = of(comparison.left(), comparison.right());
            return key != null ? key : of(comparison.right(), comparison.left());
        }
        return null;
    }

    private static MessageFilter.@Nullable Key of(Term name, Term literal) {
        Object value = literal instanceof Constant constant ? constant.value().comparable() : null;
        Object identity = name instanceof Needs.Property property ? property.name() : immutable(name);
        return value == null || identity == null ? null : new MessageFilter.Key(new KeyField(identity), value);
    }

    /** A field that stays what it is in any queue and at any attempt, or null. */
    private static @Nullable Object immutable(Term term) {
        boolean stays = term instanceof Field field
                && (field.property() >= 0 || field == Field.JMS_MESSAGE_ID || field == Field.JMS_CORRELATION_ID);
        return stays ? term : null;
    }

    @Override
    public @Nullable Object of(Message message, Overlay overlay) {
        return Evaluation.comparable(term, needs, message, overlay);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyField field && field.identity.equals(identity);
    }

    @Override
    public int hashCode() {
        return identity.hashCode();
    }

    @Override
    public String toString() {
        return "the value of " + identity;
    }
}
