package io.turnstone.amqp.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.MessageFilter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An SQL filter")
class SqlFilterTest {

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "color = 'blue'",
                "color = \"blue\"",
                "application_properties.color = 'blue'",
                "application-properties.color = 'blue'",
                "a.color = 'blue' AND a.i = 5",
                "[color] = 'blue' AND [my-key] = 'hyphen' AND [dotted.name] = 1",
                "h.priority = 7 AND header.durable AND header.delivery_count = 2 AND header.ttl = 60000",
                "p.subject = 'order.paid' AND properties.message_id = 'ID:order-1'",
                "p.user_id = 0x616E6E61 AND p.user_id = 'anna'",
                "p.creation_time < UTC() AND UTC() - 1 = 1999999999999",
                "p.group_sequence = 4000000000 AND ul = 18446744073709551615",
                "binary = 0x01FF AND binary <> 0x01",
                "i != 4 AND i <> 4",
                "i / 2 = 2.5 AND i / 5 = 1 AND i % 3 = 2",
                "i = 5.0 AND i < 5.5E+0",
                "color > 'blud' AND color < 'bluf' AND color >= 'blue'",
                "color <> 5 AND NOT (color = 5)",
                "i IN (1, 2 + 3, 'x') AND color IN ('x', p.subject, 'blue') AND i NOT IN ('5')",
                "color IN ('x', missing, color)",
                "p.subject LIKE 'order.%' AND p.to LIKE '/queues/_rders'",
                "'blue' LIKE 'b%'",
                "missing IS NULL AND color IS NOT NULL",
                "true or FALSE",
                "yes AND NOT no",
                "quote LIKE \"it's%\"",
            })
    void matches(String sql) {
        assertThat(sql(sql).matches(Subjects.ORDER, Subjects.NEW)).isTrue();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "missing = 1; unknown",
                "missing IN (1); unknown",
                "i LIKE '5'; unknown",
                "i NOT LIKE '5'; unknown",
                "i = 'x'; false",
                "i < 'x'; false",
                "i / 0 = 1; unknown",
                "color; unknown",
                "color + 1 = 2; unknown",
            })
    void hasThreeTruthValues(String sql, String truth) {
        assertThat(Subjects.truth(sql(sql), sql("NOT (" + sql + ")"))).isEqualTo(truth);
    }

    @Test
    void asksTheTimeForEachMessage() {
        var now = new long[] {10};
        MessageFilter later = ExpressionFilter.sql("UTC() > 10", () -> now[0]);

        assertThat(later.matches(Subjects.ORDER, Subjects.NEW)).isFalse();
        now[0]++;
        assertThat(later.matches(Subjects.ORDER, Subjects.NEW)).isTrue();
    }

    private static MessageFilter sql(String text) {
        return ExpressionFilter.sql(text, () -> 2_000_000_000_000L);
    }
}
