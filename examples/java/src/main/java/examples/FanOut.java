package examples;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;

/** One sender, three subscribers of a fanout exchange: each gets every message. */
final class FanOut {

    public static void main(String[] args) {
        Example.run(FanOut::publish);
    }

    private static void publish() throws JMSException {
        try (JMSContext context = Example.connect(JMSContext.AUTO_ACKNOWLEDGE)) {
            Topic news = context.createTopic("/exchanges/news");
            // Receiving from an exchange makes a private subscription, which ends with the consumer.
            var readers = new ArrayList<JMSConsumer>();
            for (int i = 0; i < 3; i++) {
                readers.add(context.createConsumer(news));
            }

            List<String> headlines = List.of("rain", "more rain");
            for (String headline : headlines) {
                context.createProducer().send(news, headline);
            }
            System.out.println("published 2 headlines");

            for (int i = 0; i < readers.size(); i++) {
                List<String> got = Example.receiveAll(readers.get(i));
                System.out.println("reader " + (i + 1) + " got " + got);
                Example.expect("reader " + (i + 1), got, headlines);
            }
        }
    }
}
