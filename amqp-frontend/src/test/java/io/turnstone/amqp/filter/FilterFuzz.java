package io.turnstone.amqp.filter;

import io.turnstone.api.Choices;
import io.turnstone.api.MessageFilter;
import java.nio.charset.StandardCharsets;

/** Selectors and SQL filters: a text becomes a filter that can be asked, or is refused at a line and column, or as too long. */
public final class FilterFuzz {

    private FilterFuzz() {}

    /** One text, as it is or made of pieces. */
    public static void fuzzerTestOneInput(byte[] input) {
        var choices = new Choices(input);
        boolean sql = choices.nextBoolean();
        String text = choices.nextBoolean()
                ? new String(input, Math.min(2, input.length), Math.max(0, input.length - 2), StandardCharsets.UTF_8)
                : pieces(choices);
        try {
            MessageFilter filter = sql ? ExpressionFilter.sql(text, () -> 1) : ExpressionFilter.selector(text);
            filter.matches(Subjects.ORDER, Subjects.NEW);
        } catch (FilterSyntaxException refused) {
            String message = String.valueOf(refused.getMessage());
            boolean placed = message.startsWith("line ") || message.startsWith("the text has ");
            if (!placed || message.length() > 500) {
                throw new AssertionError("refused without a place, or at length: " + message, refused);
            }
        }
    }

    private static String pieces(Choices choices) {
        var text = new StringBuilder();
        while (!choices.exhausted()) {
            text.append(FilterFuzzTest.PIECES.get(choices.nextInt(FilterFuzzTest.PIECES.size())))
                    .append(choices.oneIn(8) ? "" : " ");
        }
        return text.toString();
    }
}
