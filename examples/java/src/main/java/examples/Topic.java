package examples;

import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import java.util.List;

/** A topic exchange: each subscriber gets the orders whose key matches its pattern. */
final class Topic {

    private static final String ALL = "/queues/all-orders";

    public static void main(String[] args) {
        Example.run(Topic::publish);
    }

    private static void publish() throws JMSException {
        Example.empty(ALL);
        try (JMSContext context = Example.connect(JMSContext.AUTO_ACKNOWLEDGE)) {
            // In a pattern * is one word and # any number of words.
            JMSConsumer europe = context.createConsumer(context.createTopic("/exchanges/orders/order.eu.#"));
            JMSConsumer paid = context.createConsumer(context.createTopic("/exchanges/orders/order.*.paid"));

            List<String> keys = List.of("order.eu.created", "order.eu.paid", "order.us.created", "order.us.paid");
            for (String key : keys) {
                Destination order = context.createTopic("/exchanges/orders/" + key);
                context.createProducer().send(order, key);
                System.out.println("published " + key);
            }

            check("order.eu.#", europe, List.of("order.eu.created", "order.eu.paid"));
            check("order.*.paid", paid, List.of("order.eu.paid", "order.us.paid"));
            // A queue bound with # in turnstone.yaml: it collected all of them, with nobody listening.
            check("the queue all-orders", context.createConsumer(context.createQueue(ALL)), keys);
        }
    }

    private static void check(String name, JMSConsumer consumer, List<String> wanted) throws JMSException {
        List<String> keys = Example.receiveAll(consumer);
        System.out.println(name + " got " + keys);
        Example.expect(name, keys, wanted);
    }
}
