package io.turnstone.amqp.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.DeadLetter;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The arguments of a queue")
class QueueArgumentsTest {

    private static QueueSpec spec(Map<String, Object> arguments) {
        QueueSpec.Builder spec = QueueSpec.named("q");
        QueueArguments.apply("q", arguments, spec);
        return spec.build();
    }

    @Test
    void areKeptVerbatim() {
        Map<String, Object> arguments = Map.of("x-message-ttl", 5, "owner", Map.of("team", List.of("a", "b")));

        assertThat(spec(arguments).arguments()).isEqualTo(arguments);
    }

    @Test
    void setTimes() {
        QueueSpec spec = spec(Map.of("x-message-ttl", 0, "x-expires", 60_000L));

        assertThat(spec.ttlMs()).isZero();
        assertThat(spec.expiresMs()).isEqualTo(60_000);
    }

    @Test
    void setLimitsThatDropTheHeadUnlessTheySayOtherwise() {
        assertThat(spec(Map.of("x-max-length", 10)).limit())
                .isEqualTo(new QueueLimit(10, QueueLimit.UNLIMITED, Overflow.DROP_HEAD));
        assertThat(spec(Map.of("x-max-length-bytes", 10L, "x-overflow", "reject-publish"))
                        .limit())
                .isEqualTo(new QueueLimit(QueueLimit.UNLIMITED, 10, Overflow.REJECT));
        assertThat(spec(Map.of("x-max-length", 1, "x-overflow", "reject-publish-dlx"))
                        .limit()
                        .overflow())
                .isEqualTo(Overflow.DEAD_LETTER);
        assertThat(spec(Map.of("x-overflow", "drop-head")).limit()).isEqualTo(QueueLimit.NONE);
    }

    @Test
    void setTheDeadLetter() {
        assertThat(spec(Map.of()).deadLetter()).isEqualTo(new DeadLetter.Automatic());
        assertThat(spec(Map.of("x-dead-letter-exchange", "x")).deadLetter())
                .isEqualTo(new DeadLetter.ToExchange("x", ""));
        assertThat(spec(Map.of("x-dead-letter-exchange", "x", "x-dead-letter-routing-key", "k"))
                        .deadLetter())
                .isEqualTo(new DeadLetter.ToExchange("x", "k"));
        assertThat(spec(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"))
                        .deadLetter())
                .isEqualTo(new DeadLetter.ToQueue("dead"));
    }

    @ParameterizedTest(name = "{0} redeliveries are {1} attempts")
    @CsvSource({"0, 1", "3, 4", "999999, 1000000", "-1, 1000000"})
    void setTheNumberOfAttempts(long limit, int attempts) {
        assertThat(spec(Map.of("x-delivery-limit", limit)).retry().attempts()).isEqualTo(attempts);
    }

    @Test
    void setTheWaitBetweenAttempts() {
        assertThat(spec(Map.of(
                                "x-delayed-retry-type",
                                "failed",
                                "x-delayed-retry-min",
                                100,
                                "x-delayed-retry-max",
                                1000,
                                "x-delivery-limit",
                                5))
                        .retry())
                .isEqualTo(new RetrySpec(6, RetrySpec.Backoff.LINEAR, 100, 1000, 0));
        assertThat(spec(Map.of("x-delayed-retry-type", "disabled", "x-delayed-retry-min", 100))
                        .retry())
                .isEqualTo(RetrySpec.DEFAULT);
    }

    @ParameterizedTest(name = "{0} is {1} levels")
    @CsvSource({"0, 1", "10, 11", "255, 255"})
    void setPriorities(int most, int levels) {
        assertThat(spec(Map.of("x-max-priority", most)).priorities()).isEqualTo(levels);
    }

    @Test
    void letOneConsumerAtATimeGetMessages() {
        assertThat(spec(Map.of("x-single-active-consumer", true)).singleActive())
                .isTrue();
        assertThat(spec(Map.of("x-single-active-consumer", false)).singleActive())
                .isFalse();
    }

    @Test
    void mayHaveNoEffect() {
        Map<String, Object> arguments = Map.of(
                "x-queue-type", "quorum",
                "x-dead-letter-strategy", "at-least-once",
                "x-queue-leader-locator", "balanced",
                "x-quorum-initial-group-size", 3,
                "x-initial-cluster-size", 3,
                "x-queue-version", 2,
                "x-consumer-disconnected-timeout", 1000);

        assertThat(spec(arguments))
                .isEqualTo(QueueSpec.named("q").arguments(arguments).build());
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "x-message-ttl                    | 1.5       | must be a whole number from 0",
                "x-message-ttl                    | -1        | must be a whole number from 0",
                "x-expires                        | 0         | must be a whole number from 1",
                "x-max-length                     | 0         | must be a whole number from 1",
                "x-max-priority                   | 256       | must be a whole number from 0 to 255",
                "x-delivery-limit                 | -2        | must be a whole number from -1",
                "x-overflow                       | spill     | must be one of drop-head, reject-publish, reject-publish-dlx",
                "x-queue-type                     | mirror    | must be one of classic, quorum, stream",
                "x-queue-type                     | stream    | declare the queue as quorum or classic",
                "x-dead-letter-exchange           | 5         | must be a string",
                "x-dead-letter-routing-key        | k         | needs x-dead-letter-exchange",
                "x-dead-letter-strategy           | never     | must be one of at-most-once, at-least-once",
                "x-delayed-retry-type             | returned  | write 'failed'",
                "x-single-active-consumer         | yes       | must be true or false",
                "x-consumer-timeout               | 1000      | is not supported yet",
                "x-max-age                        | 1h        | belongs to streams",
                "x-unheard-of                     | 1         | is not known",
            })
    void areRefusedByNameWithTheRemedy(String key, String text, String words) {
        Object value = text.equals("1.5") ? (Object) 1.5 : text.matches("-?\\d+") ? Long.valueOf(text) : text;

        assertThatThrownBy(() -> spec(Map.of(key, value)))
                .isInstanceOf(RequestRefusal.class)
                .hasMessageContaining("invalid arg '" + key + "' for queue 'q' in vhost '/'")
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @ValueSource(longs = {99, 1})
    void areRefusedWhenTheyContradictEachOther(long most) {
        assertThatThrownBy(() -> spec(Map.of(
                        "x-delayed-retry-type", "failed", "x-delayed-retry-min", 100, "x-delayed-retry-max", most)))
                .hasMessageContaining("must be at least x-delayed-retry-min, 100");
        assertThatThrownBy(() -> spec(Map.of("x-dead-letter-exchange", "")))
                .hasMessageContaining("x-dead-letter-routing-key");
    }
}
