package io.turnstone.amqp.filter;

/** A part of an expression that has a value in a message. Immutable, any thread. */
interface Term {

    /** Writes its value in the message. */
    void read(Evaluation of, Value out);
}
