package io.turnstone.amqp.filter;

import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Overlay;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A filter written as an expression. Immutable, any thread.
 *
 * <p>Matches what its expression is true of; what it is false or unknown of, it does not.
 */
public final class ExpressionFilter implements MessageFilter {

    private final Formula formula;
    private final Needs needs;
    private final @Nullable Key key;

    ExpressionFilter(Formula formula, Needs needs) {
        this.formula = formula;
        this.needs = needs;
        this.key = KeyField.of(formula);
    }

    private static ExpressionFilter parse(Dialect dialect, String text, LongSupplier clock) {
        var needs = new Needs();
        return new ExpressionFilter(new Parser(dialect, text, needs, clock).parse(), needs);
    }

    /**
     * A message selector as JMS 2.0 has it (section 3.8.1).
     *
     * @throws FilterSyntaxException saying where the mistake is and what was expected
     */
    public static MessageFilter selector(String text) {
        return parse(Dialect.SELECTOR, text, () -> 0);
    }

    /**
     * An SQL filter as AMQP filter expressions have it (section 6).
     *
     * @param clock the time in milliseconds since the epoch, asked only by expressions that name it; any thread
     * @throws FilterSyntaxException saying where the mistake is and what was expected
     */
    public static MessageFilter sql(String text, LongSupplier clock) {
        return parse(Dialect.SQL, text, clock);
    }

    @Override
    public boolean matches(Message message, Overlay overlay) {
        return Evaluation.matches(formula, needs, message, overlay);
    }

    @Override
    public @Nullable Key key() {
        return key;
    }
}
