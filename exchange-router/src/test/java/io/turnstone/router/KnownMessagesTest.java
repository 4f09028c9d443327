package io.turnstone.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Body;
import io.turnstone.api.Condition;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Refusal;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.api.plugin.PublishInterceptor.Verdict;
import io.turnstone.router.exchange.TestMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Messages of somebody else's class")
class KnownMessagesTest {

    private static final MessageFormat UNKNOWN = new MessageFormat() {
        @Override
        public String id() {
            return "telegram";
        }

        @Override
        public Message read(Body body) {
            throw new AssertionError("nobody asks a format that is not known");
        }
    };

    private final TestBroker broker = TestBroker.on(1, settings -> settings).queue("q");

    @Test
    void areWhatTheirBytesSay() {
        var in = broker.toQueue("q");

        assertThat(in.outcome(new Other(TestMessage.FORMAT, "durable  hello"))).isEqualTo(PublishOutcome.ACCEPTED);

        assertThat(broker.drain("q")).containsExactly("hello");
    }

    @Test
    void areRefusedWhenTheirBytesSayNothing() {
        var in = broker.toQueue("q");

        assertThat(in.outcome(new Other(TestMessage.FORMAT, "hello")))
                .isEqualTo(refused("no message of format 'test': not a test message: hello"));
        assertThat(in.outcome(TestMessage.durable("next"))).isEqualTo(PublishOutcome.ACCEPTED);
        assertThat(broker.drain("q")).containsExactly("next");
    }

    @Test
    void areRefusedWhenNobodyKnowsTheirFormat() {
        var in = broker.toQueue("q");

        assertThat(in.outcome(new Other(UNKNOWN, "durable  hello")))
                .isEqualTo(refused("messages of format 'telegram' are not known; known are: [test]"));
    }

    @Test
    void areRefusedWhenAnInterceptorMadeThemOfNothing() {
        PublishInterceptor empties =
                (message, to, from) -> new Verdict.Replace(new Other(TestMessage.FORMAT, (Body) null));
        var emptied = TestBroker.on(
                        1,
                        settings -> Changed.from(settings)
                                .interceptors(List.of(empties), List.of())
                                .settings())
                .queue("q");
        var in = emptied.toQueue("q");

        assertThat(in.outcome(TestMessage.durable("hello")))
                .isInstanceOfSatisfying(
                        PublishOutcome.Refused.class,
                        refused -> assertThat(refused.refusal().condition()).isEqualTo(Condition.INTERNAL));
    }

    @Test
    void areWhatTheirBytesSayWhenAnInterceptorMadeThem() {
        PublishInterceptor changes =
                (message, to, from) -> new Verdict.Replace(new Other(TestMessage.FORMAT, "durable  other"));
        var changing = TestBroker.on(
                        1,
                        settings -> Changed.from(settings)
                                .interceptors(List.of(changes), List.of())
                                .settings())
                .queue("q");
        var in = changing.toQueue("q");

        assertThat(in.outcome(TestMessage.durable("hello"))).isEqualTo(PublishOutcome.ACCEPTED);

        assertThat(changing.drain("q")).containsExactly("other");
    }

    private static PublishOutcome refused(String why) {
        return new PublishOutcome.Refused(new Refusal(Condition.INVALID, why));
    }

    private record Other(MessageFormat format, Body body) implements Message {
        private Other(MessageFormat format, String text) {
            this(format, Body.Inline.of(text.getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public boolean durable() {
            return false;
        }

        @Override
        public int priority() {
            return 9;
        }

        @Override
        public long ttlMs() {
            return NONE;
        }

        @Override
        public long expiresAtMs() {
            return NONE;
        }

        @Override
        public int priorDeliveries() {
            return 0;
        }

        @Override
        public @Nullable String subject() {
            return null;
        }

        @Override
        public @Nullable String to() {
            return null;
        }

        @Override
        public @Nullable Object property(String name) {
            return Map.of().get(name);
        }
    }
}
