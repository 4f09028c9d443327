package examples;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Queue;
import java.util.List;

/** A queue with priorities: the urgent overtakes what waits, equals keep their order. */
final class Priority {

    private static final String ADDRESS = "/queues/tickets";

    public static void main(String[] args) {
        Example.run(Priority::send);
    }

    private static void send() throws JMSException {
        Example.empty(ADDRESS);
        try (JMSContext context = Example.connect(JMSContext.AUTO_ACKNOWLEDGE)) {
            Queue tickets = context.createQueue(ADDRESS);
            JMSProducer producer = context.createProducer();
            send(producer, tickets, "typo", 1);
            send(producer, tickets, "crash", 9);
            send(producer, tickets, "slow", 4);
            send(producer, tickets, "ugly", 1);
            send(producer, tickets, "leak", 9);

            List<String> order = Example.receiveAll(context.createConsumer(tickets));
            System.out.println("received " + order);
            Example.expect("order", order, List.of("crash", "leak", "slow", "typo", "ugly"));
        }
    }

    private static void send(JMSProducer producer, Queue tickets, String body, int priority) {
        producer.setPriority(priority).send(tickets, body);
        System.out.println("sent " + body + " with priority " + priority);
    }
}
