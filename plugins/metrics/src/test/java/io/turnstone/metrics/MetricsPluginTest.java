package io.turnstone.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.DeathReason;
import io.turnstone.api.ExchangeStatus;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.Peer;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.Router;
import io.turnstone.api.plugin.Authenticator;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.BrokerListener;
import io.turnstone.api.plugin.BrokerView;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.api.plugin.PluginContext;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.api.store.StoreProvider;
import io.turnstone.api.store.StoreStatus;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The metrics plugin")
class MetricsPluginTest {

    private final Figures figures = new Figures();
    private final MetricsPlugin plugin = new MetricsPlugin();

    @AfterEach
    void close() {
        plugin.close();
    }

    @Test
    void servesWhatEveryQueueLooksLike() throws Exception {
        figures.queues.add(queue("orders", 3, 2, 1, Map.of(DeathReason.REJECTED, 4L)));

        assertThat(scrape(Map.of("port", 0)))
                .contains("turnstone_queue_messages_ready{queue=\"orders\"} 3.0")
                .contains("turnstone_queue_messages_delayed{queue=\"orders\"} 2.0")
                .contains("turnstone_queue_messages_unsettled{queue=\"orders\"} 1.0")
                .contains("turnstone_queue_published_total{queue=\"orders\"} 10.0")
                .contains("turnstone_queue_dead_lettered_total{queue=\"orders\",reason=\"rejected\"} 4.0")
                .contains("turnstone_queue_dead_lettered_total{queue=\"orders\",reason=\"expired\"} 0.0")
                .contains("turnstone_queues 1.0");
    }

    @Test
    void saysHowOldTheOldestMessageIs() throws Exception {
        figures.queues.add(queue("idle", 0, 0, 0, Map.of()));
        figures.queues.add(new QueueStatus("late", 1, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 0, 0, Map.of()));

        String page = scrape(Map.of("port", 0));

        assertThat(page).contains("turnstone_queue_oldest_message_age_seconds{queue=\"idle\"} 0.0");
        Matcher age = Pattern.compile("turnstone_queue_oldest_message_age_seconds\\{queue=\"late\"} (\\S+)")
                .matcher(page);
        assertThat(age.find()).isTrue();
        assertThat(Double.parseDouble(age.group(1))).isGreaterThan(1e9);
    }

    @Test
    void addsUpTheQueuesBeyondTheLimit() throws Exception {
        for (int i = 1; i <= 10; i++) {
            figures.queues.add(queue("q" + i, i, 0, 0, Map.of(DeathReason.EXPIRED, 1L)));
        }

        assertThat(scrape(Map.of("port", 0, "max-queues", 2)))
                .contains("turnstone_queue_messages_ready{queue=\"q10\"} 10.0")
                .contains("turnstone_queue_messages_ready{queue=\"q9\"} 9.0")
                .contains("turnstone_queue_messages_ready{queue=\"(others)\"} 36.0")
                .contains("turnstone_queue_dead_lettered_total{queue=\"(others)\",reason=\"expired\"} 8.0")
                .doesNotContain("queue=\"q8\"")
                .contains("turnstone_queues 10.0");
    }

    @Test
    void addsAQueueThatIsCalledLikeTheOthersUpWithThem() throws Exception {
        figures.queues.add(queue("(others)", 9, 0, 0, Map.of()));
        figures.queues.add(queue("q8", 8, 0, 0, Map.of()));
        figures.queues.add(queue("q7", 7, 0, 0, Map.of()));

        assertThat(scrape(Map.of("port", 0, "max-queues", 1)))
                .contains("turnstone_queue_messages_ready{queue=\"q8\"} 8.0")
                .contains("turnstone_queue_messages_ready{queue=\"(others)\"} 16.0");
    }

    @Test
    void servesConnectionsExchangesAndTheStore() throws Exception {
        var peer = new Peer(1, "amqp", "shop", Identity.ANONYMOUS, "127.0.0.1:40000");
        figures.connections.add(new ConnectionStatus(peer, 1, 2, 0));
        figures.exchanges.add(new ExchangeStatus("orders", 7, 2, 3));

        assertThat(scrape(Map.of("port", 0)))
                .contains("turnstone_connections{protocol=\"amqp\"} 1.0")
                .contains("turnstone_suspended_links 3.0")
                .contains("turnstone_exchange_published_total{exchange=\"orders\"} 7.0")
                .contains("turnstone_exchange_unroutable_total{exchange=\"orders\"} 2.0")
                .contains("turnstone_exchange_dropped_total{exchange=\"orders\"} 3.0")
                .contains("turnstone_store_healthy 1.0")
                .contains("turnstone_store_commit_seconds_bucket{le=\"1.0E-4\"} 5")
                .contains("turnstone_store_commit_seconds_bucket{le=\"+Inf\"} 6")
                .contains("turnstone_store_commit_seconds_count 6")
                .contains("turnstone_build_info{node=\"here\",version=\"1.2.3\"} 1");
    }

    @Test
    void namesTheKeyItDoesNotKnow() {
        assertThatThrownBy(() -> plugin.start(new Context(Map.of("prot", 1))))
                .hasMessage("unknown key 'prot'; metrics takes host, port, max-queues");
    }

    @Test
    void namesTheValueThatIsOutOfRange() {
        assertThatThrownBy(() -> plugin.start(new Context(Map.of("port", 70_000))))
                .hasMessage("port 70000 must be a whole number, 0 to 65535");
    }

    @Test
    void saysWhatToDoWhenThePortIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> plugin.start(new Context(Map.of("port", taken.getLocalPort()))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("choose another");
        }
    }

    private String scrape(Map<String, Object> config) throws Exception {
        var context = new Context(config);
        plugin.start(context);
        var url = Pattern.compile("http://\\S+").matcher(context.logged.get(0));
        assertThat(url.find()).isTrue();
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url.group())).build(), BodyHandlers.ofString())
                .body();
    }

    private static QueueStatus queue(
            String name, long ready, long delayed, long unsettled, Map<DeathReason, Long> deadLettered) {
        return new QueueStatus(
                name, ready, delayed, unsettled, 100, 1, Message.NONE, 10, 9, 8, 1, 0, 0, 0, deadLettered);
    }

    /** A broker whose figures the test writes down. */
    private static final class Figures implements BrokerView {
        final List<QueueStatus> queues = new ArrayList<>();
        final List<ExchangeStatus> exchanges = new ArrayList<>();
        final List<ConnectionStatus> connections = new ArrayList<>();

        @Override
        public String node() {
            return "here";
        }

        @Override
        public String version() {
            return "1.2.3";
        }

        @Override
        public long startedAtMs() {
            return 1000;
        }

        @Override
        public Collection<QueueStatus> queues() {
            return queues;
        }

        @Override
        public Collection<ExchangeStatus> exchanges() {
            return exchanges;
        }

        @Override
        public Collection<ConnectionStatus> connections() {
            return connections;
        }

        @Override
        public int suspendedLinks() {
            return 3;
        }

        @Override
        public StoreStatus store() {
            return new StoreStatus("ok", "", "", 10, 20, 6, 60, 1_000_000, new long[] {100_000}, new long[] {5, 1});
        }
    }

    /** What the broker would hand to the plugin; keeps what is logged. */
    private final class Context implements PluginContext {
        private final Map<String, Object> config;
        final List<String> logged = new ArrayList<>();

        Context(Map<String, Object> config) {
            this.config = config;
        }

        @Override
        public Map<String, Object> config() {
            return config;
        }

        @Override
        public Loop loop() {
            throw new AssertionError("metrics do nothing on their own");
        }

        @Override
        public Peer peer() {
            throw new AssertionError("metrics do nothing on their own");
        }

        @Override
        public MessageFormat format(String id) {
            throw new AssertionError("metrics need no messages");
        }

        @Override
        public System.Logger logger() {
            return new System.Logger() {
                @Override
                public String getName() {
                    return "metrics";
                }

                @Override
                public boolean isLoggable(Level level) {
                    return true;
                }

                @Override
                public void log(Level level, @Nullable ResourceBundle bundle, String text, @Nullable Throwable thrown) {
                    logged.add(text);
                }

                @Override
                public void log(
                        Level level, @Nullable ResourceBundle bundle, String format, @Nullable Object... values) {
                    logged.add(java.text.MessageFormat.format(format, values));
                }
            };
        }

        @Override
        public Path folder() {
            throw new AssertionError("metrics keep no files");
        }

        @Override
        public BrokerView broker() {
            return figures;
        }

        @Override
        public Router router() {
            throw new AssertionError("metrics send no messages");
        }

        @Override
        public void exchangeType(ExchangeType type) {
            unexpected();
        }

        @Override
        public void publishInterceptor(PublishInterceptor interceptor) {
            unexpected();
        }

        @Override
        public void deliveryInterceptor(DeliveryInterceptor interceptor) {
            unexpected();
        }

        @Override
        public void authenticator(Authenticator authenticator) {
            unexpected();
        }

        @Override
        public void authorizer(Authorizer authorizer) {
            unexpected();
        }

        @Override
        public void storeProvider(StoreProvider provider) {
            unexpected();
        }

        @Override
        public void protocol(Protocol protocol) {
            unexpected();
        }

        @Override
        public void listener(BrokerListener listener) {
            unexpected();
        }

        private void unexpected() {
            throw new AssertionError("metrics register nothing");
        }
    }
}
