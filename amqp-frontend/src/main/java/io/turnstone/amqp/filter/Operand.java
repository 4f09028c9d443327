package io.turnstone.amqp.filter;

import io.turnstone.amqp.filter.Formula.Truth;
import org.jspecify.annotations.Nullable;

/**
 * A part of an expression while it is parsed: a term or a formula, with what is known of its type. Immutable.
 *
 * @param at where it begins in the text
 * @param asTerm null for a formula
 * @param asFormula null for a term
 */
record Operand(
        int at, Type type, @Nullable Term asTerm, @Nullable Formula asFormula) {

    /** What is known of an operand before any message. */
    enum Type {
        /** A name: it depends on the message. */
        NAME,
        NUMBER,
        TEXT,
        TRUTH
    }

    static Operand of(int at, Formula formula) {
        return new Operand(at, Type.TRUTH, null, formula);
    }

    static Operand name(int at, Term term) {
        return new Operand(at, Type.NAME, term, null);
    }

    static Operand number(int at, Term term) {
        return new Operand(at, Type.NUMBER, term, null);
    }

    static Operand text(int at, Value text) {
        return new Operand(at, Type.TEXT, new Constant(text), null);
    }

    /** It as a formula: a name may be of a boolean. */
    Formula formula(Parser parser, Needs needs) {
        if (asFormula != null) {
            return asFormula;
        }
        if (asTerm == null || type != Type.NAME) {
            throw parser.mistake(
                    at,
                    "a condition was expected, not a " + (type == Type.NUMBER ? "number" : "string")
                            + ": compare it with something");
        }
        Term term = asTerm;
        int register = needs.registers(1);
        return of -> {
            Value value = of.register(register);
            term.read(of, value);
            return value.kind() == Value.Kind.TRUTH ? Truth.of(value.truth()) : Truth.UNKNOWN;
        };
    }

    /** It as a term: a formula has a boolean for a value. */
    Term term() {
        if (asTerm != null) {
            return asTerm;
        }
        Formula formula = asFormula;
        return (of, out) -> {
            Truth truth = formula == null ? Truth.UNKNOWN : formula.test(of);
            if (truth == Truth.UNKNOWN) {
                out.clear();
            } else {
                out.truth(truth == Truth.TRUE);
            }
        };
    }

    /** Itself, which must be able to be a number. */
    Operand number(Parser parser) {
        if (type == Type.TEXT || type == Type.TRUTH) {
            throw parser.mistake(at, "a number or a name was expected");
        }
        return this;
    }
}
