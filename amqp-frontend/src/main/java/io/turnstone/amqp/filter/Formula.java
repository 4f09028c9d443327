package io.turnstone.amqp.filter;

/** A part of an expression that is true, false or unknown of a message. Immutable, any thread. */
interface Formula {

    /** The three truth values, as SQL has them. */
    enum Truth {
        TRUE,
        FALSE,
        UNKNOWN;

        static Truth of(boolean value) {
            return value ? TRUE : FALSE;
        }

        Truth negated() {
            return this == TRUE ? FALSE : this == FALSE ? TRUE : UNKNOWN;
        }
    }

    /** What it is of the message. */
    Truth test(Evaluation of);
}
