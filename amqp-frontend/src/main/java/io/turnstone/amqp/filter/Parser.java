package io.turnstone.amqp.filter;

import io.turnstone.amqp.filter.Formula.Truth;
import io.turnstone.amqp.filter.Token.Kind;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Makes a formula of a text, by recursive descent: one method for each rank of operators, the weakest first. The
 * grammars are in docs/filters.md. Used once.
 */
final class Parser {

    private static final String COMPARISONS = " = <> < <= > >= ";

    private final Dialect dialect;
    private final String text;
    private final Needs needs;
    private final LongSupplier clock;
    private final List<Token> tokens;
    private int next;
    private int depth;

    /**
     * @param needs is told what will be asked of messages
     * @param clock the time in milliseconds since the epoch, for expressions that want to know it
     * @throws FilterSyntaxException as {@link Tokenizer#of}
     */
    Parser(Dialect dialect, String text, Needs needs, LongSupplier clock) {
        this.dialect = dialect;
        this.text = text;
        this.needs = needs;
        this.clock = clock;
        this.tokens = Tokenizer.of(dialect, text);
    }

    /**
     * The whole text as one formula.
     *
     * @throws FilterSyntaxException saying where the mistake is and what was expected
     */
    Formula parse() {
        Formula all = disjunction().formula(this, needs);
        if (peek().kind() != Kind.END) {
            throw unexpected("AND, OR or the end");
        }
        return all;
    }

    private Operand disjunction() {
        return junction("OR", Truth.TRUE);
    }

    private Operand junction(String word, Truth decides) {
        boolean or = decides == Truth.TRUE;
        Operand first = or ? junction("AND", Truth.FALSE) : negation();
        if (!peek().is(Kind.KEYWORD, word)) {
            return first;
        }
        var parts = new ArrayList<Formula>();
        parts.add(first.formula(this, needs));
        while (take(Kind.KEYWORD, word)) {
            parts.add((or ? junction("AND", Truth.FALSE) : negation()).formula(this, needs));
        }
        return Operand.of(first.at(), new Junction(parts, decides));
    }

    private Operand negation() {
        Token not = peek();
        if (!take(Kind.KEYWORD, "NOT")) {
            return comparison();
        }
        enter(not);
        Formula negated = negation().formula(this, needs);
        depth--;
        return Operand.of(not.at(), not(negated));
    }

    private static Formula not(Formula formula) {
        return of -> formula.test(of).negated();
    }

    private Operand comparison() {
        Operand left = sum();
        Token token = peek();
        if (token.kind() == Kind.SIGN && COMPARISONS.contains(" " + token.text() + " ")) {
            next++;
            return compared(left, token, sum());
        }
        boolean negated = token.is(Kind.KEYWORD, "NOT");
        Token word = negated ? tokens.get(next + 1) : token;
        if (word.kind() != Kind.KEYWORD) {
            if (negated) {
                next++;
                throw unexpected(dialect == Dialect.SQL ? "LIKE or IN" : "BETWEEN, LIKE or IN");
            }
            return left;
        }
        Formula found = switch (word.text()) {
            case "BETWEEN" -> between(left, negated);
            case "LIKE" -> like(left, negated);
            case "IN" -> in(left, negated);
            case "IS" -> is(left);
            default -> null;
        };
        return found == null ? left : Operand.of(left.at(), found);
    }

    private Operand compared(Operand left, Token sign, Operand right) {
        var kind = Comparison.Sign.of(sign.text());
        boolean number = left.type() == Operand.Type.NUMBER || right.type() == Operand.Type.NUMBER;
        for (Operand operand : List.of(left, right)) {
            boolean text = operand.type() == Operand.Type.TEXT;
            boolean truth = operand.type() == Operand.Type.TRUTH;
            if ((truth && (kind.orders() || number)) || (text && number)) {
                throw mistake(operand.at(), "a number or a name was expected beside " + sign.text());
            }
            if (text && kind.orders() && dialect == Dialect.SELECTOR) {
                throw mistake(operand.at(), "strings can be compared with = and <> only");
            }
        }
        return Operand.of(left.at(), new Comparison(left.term(), kind, right.term(), dialect, needs.registers(2)));
    }

    private Formula between(Operand value, boolean negated) {
        next += negated ? 2 : 1;
        value.number(this);
        Operand low = sum().number(this);
        if (!take(Kind.KEYWORD, "AND")) {
            throw unexpected("AND and the upper bound of BETWEEN");
        }
        Operand high = sum().number(this);
        var from = negated ? Comparison.Sign.LESS : Comparison.Sign.GREATER_OR_EQUAL;
        var to = negated ? Comparison.Sign.GREATER : Comparison.Sign.LESS_OR_EQUAL;
        return new Junction(
                List.of(
                        new Comparison(value.term(), from, low.term(), dialect, needs.registers(2)),
                        new Comparison(value.term(), to, high.term(), dialect, needs.registers(2))),
                Truth.of(negated));
    }

    private Formula like(Operand value, boolean negated) {
        mustBeName(value, "LIKE");
        next += negated ? 2 : 1;
        Token pattern = string("the pattern of LIKE, a string");
        int escape = -1;
        Token escaped = pattern;
        if (take(Kind.KEYWORD, "ESCAPE")) {
            escaped = string("the escape character, a string");
            if (escaped.text().codePointCount(0, escaped.text().length()) != 1) {
                throw mistake(escaped.at(), "the string behind ESCAPE must be one character");
            }
            escape = escaped.text().codePointAt(0);
        }
        int[] compiled = Like.pattern(pattern.text(), escape);
        if (compiled == null) {
            throw mistake(pattern.at(), "the pattern must not end with its escape character");
        }
        Formula like = new Like(value.term(), compiled, dialect, needs.registers(1));
        return negated ? not(like) : like;
    }

    private Formula in(Operand value, boolean negated) {
        mustBeName(value, "IN");
        next += negated ? 2 : 1;
        if (!take(Kind.SIGN, "(")) {
            throw unexpected("( and the list of IN");
        }
        var texts = new ByteTable();
        var others = new ArrayList<Term>();
        do {
            Token token = peek();
            if (dialect == Dialect.SELECTOR || alone(token)) {
                texts.add(string("a string in the list of IN").text());
            } else {
                others.add(sum().term());
            }
        } while (take(Kind.SIGN, ","));
        if (!take(Kind.SIGN, ")")) {
            throw unexpected("a comma or ) in the list of IN");
        }
        Formula in = new Membership(value.term(), texts, others, dialect, needs.registers(2));
        return negated ? not(in) : in;
    }

    /** JMS 2.0, section 3.8.1.1 has LIKE, IN and IS NULL for names alone. */
    private void mustBeName(Operand operand, String word) {
        boolean fits = operand.type() == Operand.Type.NAME
                || (dialect == Dialect.SQL && operand.type() != Operand.Type.TRUTH && !word.equals("IS"));
        if (!fits) {
            throw mistake(operand.at(), "a name was expected before " + word);
        }
    }

    /** Whether a token is a string that is one whole item of a list. */
    private boolean alone(Token token) {
        Token behind = tokens.get(Math.min(next + 1, tokens.size() - 1));
        return token.kind() == Kind.STRING && (behind.is(Kind.SIGN, ",") || behind.is(Kind.SIGN, ")"));
    }

    private Formula is(Operand value) {
        next++;
        boolean not = take(Kind.KEYWORD, "NOT");
        mustBeName(value, "IS");
        if (!take(Kind.KEYWORD, "NULL")) {
            throw unexpected(not ? "NULL" : "NULL or NOT NULL");
        }
        int register = needs.registers(1);
        Term term = value.term();
        return of -> {
            Value held = of.register(register);
            term.read(of, held);
            return Truth.of(held.nothing() != not);
        };
    }

    private Operand sum() {
        return chain("+-");
    }

    private Operand chain(String signs) {
        boolean sum = signs.equals("+-");
        Operand first = sum ? chain("*/%") : signed();
        Token token = peek();
        if (!isOneOf(token, signs)) {
            return first;
        }
        first.number(this);
        var rest = new ArrayList<Term>();
        var order = new StringBuilder();
        for (; isOneOf(token, signs); token = peek()) {
            next++;
            order.append(token.text());
            rest.add((sum ? chain("*/%") : signed()).number(this).term());
        }
        return Operand.number(
                first.at(), new Arithmetic(first.term(), order.toString(), rest, dialect, needs.registers(1)));
    }

    private static boolean isOneOf(Token token, String signs) {
        return token.kind() == Kind.SIGN && signs.contains(token.text());
    }

    private Operand signed() {
        Token sign = peek();
        if (!isOneOf(sign, "+-")) {
            return primary();
        }
        next++;
        enter(sign);
        Operand operand = signed().number(this);
        depth--;
        Term term = operand.term();
        boolean minus = sign.text().equals("-");
        return Operand.number(sign.at(), (of, out) -> {
            term.read(of, out);
            if (minus) {
                Numbers.negate(out);
            } else if (!out.number()) {
                out.clear();
            }
        });
    }

    private Operand primary() {
        Token token = peek();
        next++;
        return switch (token.kind()) {
            case NAME -> named(token);
            case STRING -> {
                var text = new Value();
                text.text(token.text());
                yield Operand.text(token.at(), text);
            }
            case BINARY -> {
                var binary = new Value();
                binary.text(bytes(token.text()));
                yield Operand.text(token.at(), binary);
            }
            case EXACT -> {
                var number = new Value();
                number.exact(Objects.requireNonNull(token.exact()));
                yield Operand.number(token.at(), new Constant(number));
            }
            case APPROXIMATE -> {
                var number = new Value();
                number.approximate(token.approximate());
                yield Operand.number(token.at(), new Constant(number));
            }
            case KEYWORD -> keyword(token);
            default -> {
                if (!token.is(Kind.SIGN, "(")) {
                    next--;
                    throw unexpected("a name, a literal or (");
                }
                yield parenthesized(token);
            }
        };
    }

    private Operand parenthesized(Token open) {
        enter(open);
        Operand inner = disjunction();
        depth--;
        if (!take(Kind.SIGN, ")")) {
            throw unexpected(")");
        }
        return inner;
    }

    private Operand named(Token token) {
        try {
            boolean quoted = text.charAt(token.at()) == '[';
            return Operand.name(token.at(), Names.resolve(dialect, token.text(), quoted, needs));
        } catch (FilterSyntaxException unknown) {
            throw mistake(token.at(), String.valueOf(unknown.getMessage()));
        }
    }

    private Operand keyword(Token token) {
        switch (token.text()) {
            case "TRUE", "FALSE" -> {
                Truth truth = Truth.of(token.text().equals("TRUE"));
                return Operand.of(token.at(), of -> truth);
            }
            case "UTC" -> {
                if (take(Kind.SIGN, "(") && take(Kind.SIGN, ")")) {
                    return Operand.number(token.at(), (of, out) -> out.exact(clock.getAsLong()));
                }
                throw unexpected("UTC()");
            }
            case "NULL" -> throw mistake(token.at(), "NULL can stand only behind IS or IS NOT");
            default -> {
                next--;
                throw unexpected("a name, a literal or (");
            }
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private Token peek() {
        return tokens.get(next);
    }

    private boolean take(Kind kind, String what) {
        boolean there = peek().is(kind, what);
        next += there ? 1 : 0;
        return there;
    }

    private Token string(String expected) {
        if (peek().kind() != Kind.STRING) {
            throw unexpected(expected);
        }
        return tokens.get(next++);
    }

    private void enter(Token token) {
        if (++depth > Dialect.MAX_DEPTH) {
            throw mistake(token.at(), "parentheses, NOT and signs are nested deeper than " + Dialect.MAX_DEPTH);
        }
    }

    private FilterSyntaxException unexpected(String expected) {
        return mistake(peek().at(), "expected " + expected + ", not " + peek().shown());
    }

    FilterSyntaxException mistake(int at, String what) {
        return FilterSyntaxException.at(text, at, what);
    }
}
