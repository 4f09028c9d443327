package io.turnstone.amqp.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.message.AmqpMessage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.selector.filter.BooleanExpression;
import org.apache.activemq.artemis.selector.filter.Filterable;
import org.apache.activemq.artemis.selector.impl.SelectorParser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Generated selectors and messages, judged by us and by Artemis. Where we differ on purpose (docs/filters.md) nothing is
 * generated: names keep their type, the right side of = is never null, no number is a byte or a short, and none leaves the
 * range in which Artemis computes exactly, and nothing is divided by a whole number.
 */
@DisplayName("A generated selector")
class SelectorOracleTest {

    private static final int SELECTORS = 1_000;
    private static final int MESSAGES = 8;
    private static final int SAMPLES = 500;
    private static final List<String> TEXTS = List.of("", "a", "ab", "abc", "b", "it's", "%", "a_c", "100%");
    private static final List<String> PATTERNS = List.of("", "%", "a%", "%b%", "_", "a_c", "%c", "a!_c", "!%", "__%");

    @ParameterizedTest(name = "with seed {0} means what it means to Artemis")
    @ValueSource(longs = {1, 2, 3})
    void meansWhatItMeansToArtemis(long seed) throws Exception {
        var random = new Random(seed);
        List<Map<String, Object>> samples =
                Stream.generate(() -> properties(random)).limit(SAMPLES).toList();
        List<AmqpMessage> messages = samples.stream().map(Subjects::with).toList();
        int matches = 0;
        for (int i = 0; i < SELECTORS; i++) {
            String selector = condition(random, 4);
            var ours = ExpressionFilter.selector(selector);
            BooleanExpression theirs = SelectorParser.parse(selector);
            for (int j = 0; j < MESSAGES; j++) {
                int sample = random.nextInt(SAMPLES);
                Map<String, Object> properties = samples.get(sample);
                boolean matched = ours.matches(messages.get(sample), Subjects.NEW);
                assertThat(matched)
                        .as("%s of %s", selector, properties)
                        .isEqualTo(theirs.matches(new Properties(properties)));
                matches += matched ? 1 : 0;
            }
        }
        assertThat(matches).isBetween(SELECTORS, SELECTORS * (MESSAGES - 1));
    }

    private static String condition(Random random, int depth) {
        if (depth > 0 && random.nextInt(3) > 0) {
            String left = condition(random, depth - 1);
            String right = condition(random, depth - 1);
            return switch (random.nextInt(5)) {
                case 0 -> "(" + left + ") AND (" + right + ")";
                case 1 -> "(" + left + " or " + right + ")";
                case 2 -> "NOT (" + left + ")";
                case 3 -> "(" + left + ") And " + right;
                default -> left + " OR " + right;
            };
        }
        return switch (random.nextInt(9)) {
            case 0 -> flag(random);
            case 1 ->
                flag(random) + (random.nextBoolean() ? " = " : " <> ") + (random.nextBoolean() ? "TRUE" : "false");
            case 2 -> text(random) + (random.nextBoolean() ? " = " : " <> ") + literal(random);
            case 3 -> name(random) + " IS " + (random.nextBoolean() ? "NOT " : "") + "NULL";
            case 4 -> text(random) + not(random) + " LIKE " + quoted(PATTERNS, random) + " ESCAPE '!'";
            case 5 -> text(random) + not(random) + " IN (" + literal(random) + ", " + literal(random) + ")";
            case 6 -> operand(random) + not(random) + " BETWEEN " + operand(random) + " AND " + operand(random);
            case 7 -> operand(random) + (random.nextBoolean() ? " = " : " <> ") + random.nextInt(5);
            default -> operand(random) + List.of(" < ", " <= ", " > ", " >= ").get(random.nextInt(4)) + operand(random);
        };
    }

    /** To Artemis, -0.0 is less than 0.0; what is added to 0 is never -0.0. */
    private static String operand(Random random) {
        return "0 + " + number(random, 2);
    }

    private static String number(Random random, int depth) {
        if (depth > 0 && random.nextBoolean()) {
            String left = number(random, depth - 1);
            return switch (random.nextInt(6)) {
                case 0 -> "(" + left + " - " + number(random, depth - 1) + ")";
                case 1 -> "(" + left + " * " + number(random, depth - 1) + ")";
                case 2 -> "(" + left + " / " + (1 + random.nextInt(4)) + ".0)";
                case 3 -> "(- " + left + ")";
                case 4 -> "(" + left + " % " + (1 + random.nextInt(4)) + ")";
                default -> "(" + left + " + " + number(random, depth - 1) + ")";
            };
        }
        return switch (random.nextInt(4)) {
            case 0 -> Integer.toString(random.nextInt(7));
            case 1 -> String.format(Locale.ROOT, "%.2f", random.nextInt(12) / 4.0);
            default -> "n" + random.nextInt(3);
        };
    }

    private static String name(Random random) {
        return List.of("n0", "s0", "b0", "n1", "s1", "b1", "absent").get(random.nextInt(7));
    }

    private static String flag(Random random) {
        return "b" + random.nextInt(2);
    }

    private static String text(Random random) {
        return "s" + random.nextInt(2);
    }

    private static String not(Random random) {
        return random.nextBoolean() ? " NOT" : "";
    }

    private static String literal(Random random) {
        return quoted(TEXTS, random);
    }

    private static String quoted(List<String> from, Random random) {
        return "'" + from.get(random.nextInt(from.size())).replace("'", "''") + "'";
    }

    private static Map<String, Object> properties(Random random) {
        var properties = new LinkedHashMap<String, Object>();
        for (int i = 0; i < 3; i++) {
            int n = random.nextInt(7) - 1;
            switch (random.nextInt(5)) {
                case 0 -> properties.put("n" + i, n);
                case 1 -> properties.put("n" + i, (long) n);
                case 2 -> properties.put("n" + i, n / 4f);
                case 3 -> properties.put("n" + i, n / 4.0);
                default -> {}
            }
        }
        for (int i = 0; i < 2; i++) {
            if (random.nextInt(4) > 0) {
                properties.put("s" + i, TEXTS.get(random.nextInt(TEXTS.size())));
            }
            if (random.nextInt(3) > 0) {
                properties.put("b" + i, random.nextBoolean());
            }
        }
        return properties;
    }

    /** The same properties as Artemis asks for them. */
    private record Properties(Map<String, Object> properties) implements Filterable {

        @Override
        public <T> @Nullable T getBodyAs(Class<T> type) {
            return null;
        }

        @Override
        public @Nullable Object getProperty(SimpleString name) {
            return properties.get(name.toString());
        }

        @Override
        public @Nullable Object getLocalConnectionId() {
            return null;
        }
    }
}
