package examples;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.qpid.jms.JmsConnectionFactory;

/** What the examples share: connecting, emptying a queue, and failing with a clear message. */
final class Example {

    private static final String DEFAULT_URL = "amqp://guest:guest@localhost:5672";

    private Example() {}

    interface Program {
        void run() throws Exception;
    }

    /** Runs an example and ends; exit code 0 only if it went as it should. */
    static void run(Program program) {
        try {
            program.run();
        } catch (JMSException | JMSRuntimeException | IllegalStateException e) {
            System.err.println("FAILED: " + e.getMessage());
            System.exit(1);
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    /** Connects with a session of the given mode, for example {@link JMSContext#AUTO_ACKNOWLEDGE}. */
    static JMSContext connect(int sessionMode) {
        var url = URI.create(Objects.requireNonNullElse(System.getenv("TURNSTONE_URL"), DEFAULT_URL));
        int port = url.getPort() < 0 ? 5672 : url.getPort();
        // A prefetch of 1: a consumer gets its next message when it has settled the one before.
        var factory = new JmsConnectionFactory("amqp://" + url.getHost() + ":" + port + "?jms.prefetchPolicy.all=1");
        if (url.getUserInfo() == null) {
            return factory.createContext(sessionMode); // anonymous
        }
        String[] login = url.getUserInfo().split(":", 2);
        return factory.createContext(login[0], login.length < 2 ? "" : login[1], sessionMode);
    }

    /** The bodies of what arrives until nothing has come for a while. */
    static List<String> receiveAll(JMSConsumer consumer) throws JMSException {
        var bodies = new ArrayList<String>();
        for (Message m = consumer.receive(500); m != null; m = consumer.receive(500)) {
            bodies.add(m.getBody(String.class));
        }
        return bodies;
    }

    /** Takes away what an earlier, interrupted run may have left in a queue. */
    static void empty(String address) throws JMSException {
        try (JMSContext context = connect(JMSContext.AUTO_ACKNOWLEDGE);
                JMSConsumer consumer = context.createConsumer(context.createQueue(address))) {
            int left = receiveAll(consumer).size();
            if (left > 0) {
                System.out.printf("(removed %d messages of an earlier run from %s)%n", left, address);
            }
        }
    }

    /** A value for people to read, with what is in its arrays and maps. */
    static String text(Object value) {
        if (value instanceof Object[] array) {
            return Stream.of(array).map(Example::text).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return value instanceof List<?> list ? text(list.toArray()) : String.valueOf(value);
    }

    static void expect(String what, Object actual, Object wanted) {
        if (!wanted.equals(actual)) {
            throw new IllegalStateException(what + ": expected " + wanted + " but got " + actual);
        }
    }
}
