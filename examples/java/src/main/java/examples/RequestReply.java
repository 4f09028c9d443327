package examples;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.util.Map;
import java.util.TreeMap;

/** A client asks, a server answers to the address of the client's own: a node that the broker made for it. */
final class RequestReply {

    private static final String ADDRESS = "/queues/quotes";
    private static final Map<String, String> PRICES = new TreeMap<>(Map.of("apple", "3", "pear", "4"));

    public static void main(String[] args) {
        Example.run(RequestReply::ask);
    }

    private static void ask() throws JMSException {
        Example.empty(ADDRESS);
        try (JMSContext server = Example.connect(JMSContext.AUTO_ACKNOWLEDGE);
                JMSContext client = Example.connect(JMSContext.AUTO_ACKNOWLEDGE)) {
            server.createConsumer(server.createQueue(ADDRESS)).setMessageListener(request -> answer(server, request));

            Queue inbox = client.createTemporaryQueue();
            System.out.println("answers come to " + inbox.getQueueName());
            JMSConsumer answers = client.createConsumer(inbox);
            for (String fruit : PRICES.keySet()) {
                client.createProducer()
                        .setJMSReplyTo(inbox)
                        .setJMSCorrelationID(fruit)
                        .send(client.createQueue(ADDRESS), fruit);
            }

            var got = new TreeMap<String, String>();
            for (int i = 0; i < PRICES.size(); i++) {
                Message answer = answers.receive(10_000);
                Example.expect("an answer came", answer != null, true);
                got.put(answer.getJMSCorrelationID(), answer.getBody(String.class));
                System.out.println(answer.getJMSCorrelationID() + " costs " + answer.getBody(String.class));
            }
            Example.expect("prices", got, PRICES);
        }
    }

    private static void answer(JMSContext server, Message request) {
        try {
            server.createProducer()
                    .setJMSCorrelationID(request.getJMSCorrelationID())
                    .send(request.getJMSReplyTo(), PRICES.get(request.getBody(String.class)));
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
