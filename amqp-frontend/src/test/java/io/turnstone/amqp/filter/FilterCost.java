package io.turnstone.amqp.filter;

import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.api.MessageFilter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Prints what one look at a message costs, in nanoseconds. Not a test: run its main method on a quiet machine. */
final class FilterCost {

    private static final int MESSAGES = 1_000;
    private static final int ROUNDS = 3_000;

    private FilterCost() {}

    public static void main(String[] args) {
        String[] selectors = {
            "color = 'blue'",
            "n > 500",
            "JMSType = 'order.paid'",
            "JMSCorrelationID = 'c-1' AND n BETWEEN 10 AND 20",
            "color LIKE 'b%' AND (n % 7 = 3 OR region IN ('eu', 'us', 'apac')) AND missing IS NULL",
        };
        var messages = new AmqpMessage[MESSAGES];
        for (int i = 0; i < MESSAGES; i++) {
            messages[i] = Subjects.with(properties(i));
        }
        for (int run = 0; run < 3; run++) {
            for (String selector : selectors) {
                measure(selector, ExpressionFilter.selector(selector), messages);
            }
        }
    }

    @SuppressWarnings("SystemOut")
    private static void measure(String text, MessageFilter filter, AmqpMessage[] messages) {
        int matched = 0;
        long start = System.nanoTime();
        for (int round = 0; round < ROUNDS; round++) {
            for (AmqpMessage message : messages) {
                matched += filter.matches(message, Subjects.NEW) ? 1 : 0;
            }
        }
        double nanos = (System.nanoTime() - start) / ((double) ROUNDS * messages.length);
        System.out.printf(
                Locale.ROOT,
                "%6.0f ns  %5.1f %% match  %s%n",
                nanos,
                100.0 * matched / (ROUNDS * messages.length),
                text);
    }

    private static Map<String, Object> properties(int i) {
        var properties = new LinkedHashMap<String, Object>();
        properties.put("tenant", "tenant-" + i % 13);
        properties.put("region", i % 2 == 0 ? "eu" : "us");
        properties.put("attempt", 1);
        properties.put("color", i % 3 == 0 ? "blue" : "red");
        properties.put("n", (long) i);
        properties.put("trace", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        return properties;
    }
}
