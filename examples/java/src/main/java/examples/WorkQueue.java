package examples;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Two workers compete for the tasks of one queue: each task is done once. */
final class WorkQueue {

    private static final String ADDRESS = "/queues/tasks";

    public static void main(String[] args) {
        Example.run(WorkQueue::work);
    }

    private static void work() throws JMSException {
        Example.empty(ADDRESS);
        try (JMSContext context = Example.connect(JMSContext.AUTO_ACKNOWLEDGE);
                JMSContext other = context.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            Map<String, JMSConsumer> workers = new TreeMap<>(Map.of(
                    "anna", context.createConsumer(context.createQueue(ADDRESS)),
                    "ben", other.createConsumer(other.createQueue(ADDRESS))));

            List<String> tasks =
                    IntStream.rangeClosed(1, 10).mapToObj(n -> "task " + n).toList();
            var producer = context.createProducer();
            for (String task : tasks) {
                producer.send(context.createQueue(ADDRESS), task); // durable; returns when the broker has it
            }
            System.out.println("sent 10 tasks");

            var done = new TreeSet<String>();
            for (int turn = 0; turn < 5; turn++) {
                for (String name : workers.keySet()) {
                    Message task = workers.get(name).receive(5000);
                    Example.expect(name + " has a task", task != null, true);
                    System.out.println(name + " does " + task.getBody(String.class));
                    done.add(task.getBody(String.class));
                }
            }
            Example.expect("tasks done", done, new TreeSet<>(tasks));
            System.out.println("each task was done once");
        }
    }
}
