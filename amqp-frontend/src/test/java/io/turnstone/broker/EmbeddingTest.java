package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.QueueSpec;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.ListenerConfig;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A broker in tests of applications")
class EmbeddingTest {

    @TempDir
    private Path temporaryFolder;

    @Test
    void startsAsTheReadmeSays() throws Exception {
        assertThat(Files.readString(Path.of("../README.md"))).contains("""
                BrokerConfig config = BrokerConfig.builder(temporaryFolder)
                        .queue(QueueSpec.named("work").build())
                        .build();
                try (Broker broker = Broker.start(config)) {
                    connectTo("amqp://" + broker.address());
                }
                """);

        BrokerConfig config = BrokerConfig.builder(temporaryFolder)
                .queue(QueueSpec.named("work").build())
                .build();
        try (Broker broker = Broker.start(config)) {
            connectTo("amqp://" + broker.address());
        }
    }

    @Test
    void tellsWhereEveryListenerIs() throws Exception {
        BrokerConfig config = BrokerConfig.builder(temporaryFolder)
                .listener(ListenerConfig.amqp("127.0.0.1", 0))
                .listener(ListenerConfig.amqp("127.0.0.1", 0))
                .queue(QueueSpec.named("work").build())
                .build();
        try (Broker broker = Broker.start(config)) {
            assertThat(broker.addresses().get("amqp")).hasSize(2).doesNotHaveDuplicates();
            for (String address : broker.addresses().get("amqp")) {
                connectTo("amqp://" + address);
            }
        }
    }

    private static void connectTo(String url) {
        try (JMSContext context = new JmsConnectionFactory(url).createContext()) {
            context.createProducer().send(context.createQueue("work"), "x");
            try (JMSConsumer consumer = context.createConsumer(context.createQueue("work"))) {
                assertThat(consumer.receiveBody(String.class, 20_000)).isEqualTo("x");
            }
        }
    }
}
