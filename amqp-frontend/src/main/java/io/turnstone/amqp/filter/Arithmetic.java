package io.turnstone.amqp.filter;

import java.util.List;

/** Numbers joined by signs of one rank, from the left. Immutable, any thread. */
final class Arithmetic implements Term {

    private final Term first;
    private final char[] signs;
    private final List<Term> rest;
    private final Dialect dialect;
    private final int register;

    /**
     * @param signs one of {@code + - * / %} before each of the rest
     * @param register where the value of each may be kept
     */
    Arithmetic(Term first, String signs, List<Term> rest, Dialect dialect, int register) {
        this.first = first;
        this.signs = signs.toCharArray();
        this.rest = List.copyOf(rest);
        this.dialect = dialect;
        this.register = register;
    }

    @Override
    public void read(Evaluation of, Value out) {
        first.read(of, out);
        Value next = of.register(register);
        for (int i = 0; i < signs.length && !out.nothing(); i++) {
            rest.get(i).read(of, next);
            Numbers.compute(out, signs[i], next, dialect);
        }
    }
}
