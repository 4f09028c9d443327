package io.turnstone.amqp.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.MessageFilter;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Text that is not made for a parser")
@Timeout(30)
class FilterFuzzTest {

    private static final int TEXTS = 8_000;
    static final List<String> PIECES = List.of(
            "AND",
            "OR",
            "NOT",
            "(",
            ")",
            "BETWEEN",
            "LIKE",
            "ESCAPE",
            "IN",
            "IS",
            "NULL",
            "TRUE",
            "=",
            "<>",
            "<",
            "+",
            "-",
            "*",
            "/",
            "%",
            ",",
            "color",
            "i",
            "d",
            "ul",
            "missing",
            "'a%'",
            "'!'",
            "'",
            "\"",
            "1",
            "0x1F",
            "1e3",
            "9223372036854775808",
            ".5",
            "UTC()",
            "p.subject",
            "h.priority",
            "[a]",
            "[",
            "JMSMessageID",
            "amqp.ttl",
            "m.x",
            "\ud800",
            "\u0000",
            "é",
            "0",
            "--",
            "''");

    @ParameterizedTest(name = "becomes a filter or is refused (seed {0}, {1})")
    @CsvSource({"1, SELECTOR", "2, SELECTOR", "3, SQL", "4, SQL"})
    void becomesAFilterOrIsRefused(long seed, Dialect dialect) {
        var random = new Random(seed);
        int filters = 0;
        for (int i = 0; i < TEXTS; i++) {
            String text = random.nextInt(4) == 0 ? characters(random) : pieces(random);
            try {
                MessageFilter filter =
                        dialect == Dialect.SQL ? ExpressionFilter.sql(text, () -> 1) : ExpressionFilter.selector(text);
                filters++;
                filter.matches(Subjects.ORDER, Subjects.NEW);
            } catch (FilterSyntaxException refused) {
                assertThat(refused).message().matches("(?s)line \\d+, column \\d+: .{5,400}");
            }
        }
        assertThat(filters).isBetween(TEXTS / 200, TEXTS - TEXTS / 10);
    }

    private static String pieces(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(9); i >= 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size()))).append(random.nextInt(5) == 0 ? "" : " ");
        }
        return text.toString();
    }

    private static String characters(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(30); i >= 0; i--) {
            text.append((char) (random.nextInt(8) == 0 ? random.nextInt(0x10000) : random.nextInt(128)));
        }
        return text.toString();
    }
}
