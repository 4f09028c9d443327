package io.turnstone.amqp.filter;

import java.util.List;

/** Whether a value is one of several. Immutable, any thread. */
final class Membership implements Formula {

    private final Term member;
    private final ByteTable texts;
    private final List<Term> others;
    private final Dialect dialect;
    private final int register;

    /**
     * @param texts the strings among them
     * @param others everything else
     * @param register where the member may be kept, and behind it each of the others
     */
    Membership(Term member, ByteTable texts, List<Term> others, Dialect dialect, int register) {
        this.member = member;
        this.texts = texts;
        this.others = List.copyOf(others);
        this.dialect = dialect;
        this.register = register;
    }

    @Override
    public Truth test(Evaluation of) {
        Value value = of.register(register);
        member.read(of, value);
        if (value.nothing()) {
            return Truth.UNKNOWN;
        }
        if (value.kind() == Value.Kind.TEXT && texts.find(value.bytes(), value.from(), value.length()) >= 0) {
            return Truth.TRUE;
        }
        for (int i = 0; i < others.size(); i++) {
            Value other = of.register(register + 1);
            others.get(i).read(of, other);
            if (!other.nothing() && Comparison.holds(value, Comparison.Sign.EQUAL, other, dialect)) {
                return Truth.TRUE;
            }
        }
        return Truth.FALSE;
    }
}
