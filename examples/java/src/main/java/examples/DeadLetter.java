package examples;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.jms.message.JmsMessage;
import org.apache.qpid.jms.provider.amqp.message.AmqpJmsMessageFacade;

/** A message that fails each attempt ends in the dead-letter queue, and tells there why. */
final class DeadLetter {

    private static final String ADDRESS = "/queues/payments";
    private static final String DEAD_LETTERS = "/queues/dlq.payments";

    /** The outcome that {@code acknowledge} sends: "modified" with delivery-failed: this attempt counts, try again. */
    private static final String OUTCOME = "JMS_AMQP_ACK_TYPE";

    private static final int MODIFIED_FAILED = 4;

    public static void main(String[] args) {
        Example.run(DeadLetter::pay);
    }

    private static void pay() throws JMSException {
        Example.empty(ADDRESS);
        Example.empty(DEAD_LETTERS);
        try (JMSContext context = Example.connect(JMSContext.CLIENT_ACKNOWLEDGE)) {
            for (String body : List.of("good card", "stolen card")) {
                context.createProducer().send(context.createQueue(ADDRESS), body);
            }

            // turnstone.yaml allows three attempts, 100 ms and more apart.
            JMSConsumer consumer = context.createConsumer(context.createQueue(ADDRESS));
            var attempts = new ArrayList<Integer>();
            for (Message m = consumer.receive(2000); m != null && attempts.size() < 4; m = consumer.receive(2000)) {
                if (m.getBody(String.class).equals("good card")) {
                    System.out.println("good card: paid");
                } else {
                    attempts.add(m.getIntProperty("JMSXDeliveryCount"));
                    System.out.println("stolen card: attempt " + attempts.size() + " failed");
                    m.setIntProperty(OUTCOME, MODIFIED_FAILED);
                }
                m.acknowledge();
            }
            Example.expect("delivery count of each attempt", attempts, List.of(1, 2, 3));
            inspect(context.createConsumer(context.createQueue(DEAD_LETTERS)));
        }
    }

    private static void inspect(JMSConsumer consumer) throws JMSException {
        Message dead = consumer.receive(5000);
        Example.expect("a dead letter came", dead != null, true);
        String body = dead.getBody(String.class);
        int failed = dead.getIntProperty("JMSXDeliveryCount") - 1; // JMS counts this delivery too
        System.out.println("dead letter: " + body + ", failed " + failed + " times");
        // JMS has no word for message annotations; the client's own classes show them.
        var facade = (AmqpJmsMessageFacade) ((JmsMessage) dead).getFacade();
        for (String name : List.of("x-first-death-queue", "x-first-death-reason", "x-opt-deaths")) {
            System.out.println("  " + name + ": " + Example.text(facade.getTracingAnnotation(name)));
        }
        dead.acknowledge();
        Example.expect("dead letter", body, "stolen card");
        Example.expect("queue where it died", facade.getTracingAnnotation("x-first-death-queue"), "payments");
    }
}
