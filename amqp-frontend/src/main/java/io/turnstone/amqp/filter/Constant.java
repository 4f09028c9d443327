package io.turnstone.amqp.filter;

/**
 * A literal. Immutable, any thread.
 *
 * @param value never written again
 */
record Constant(Value value) implements Term {

    @Override
    public void read(Evaluation of, Value out) {
        out.set(value);
    }
}
