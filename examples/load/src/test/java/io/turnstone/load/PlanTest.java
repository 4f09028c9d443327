package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A plan")
class PlanTest {

    @Test
    void readsAmountsAsMessagesOrTime() {
        assertThat(Plan.Amount.parse("--warm-up", "20000")).isEqualTo(Plan.Amount.messages(20_000));
        assertThat(Plan.Amount.parse("--warm-up", "2.5s")).isEqualTo(Plan.Amount.seconds(2.5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "0", "-1", "0s", "5m", "NaNs"})
    void refusesOtherAmounts(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Plan.Amount.parse("--warm-up", text))
                .withMessageStartingWith("--warm-up");
    }

    @Test
    void spreadsLinksOverNumberedAddresses() {
        var links = new Plan.Links("q-%d", "/queues/q-%d", 2, 3, 1, 1, 1, 10, false);

        assertThat(links.target(0)).isEqualTo("q-0");
        assertThat(links.target(2)).isEqualTo("q-0");
        assertThat(links.source(1)).isEqualTo("/queues/q-1");
    }

    @Test
    void refusesMoreConnectionsThanLinks() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Plan.Links("q", "q", 1, 1, 1, 3, 1, 10, false))
                .withMessageContaining("--connections 3");
    }

    @Test
    void decodesTheLogin() {
        BrokerUrl url = BrokerUrl.parse("amqp://us%40er:p%3Ass+w@example.org:1234");

        assertThat(url).isEqualTo(new BrokerUrl("example.org", 1234, "us@er", "p:ss+w"));
        assertThat(url.toString()).isEqualTo("amqp://example.org:1234");
        assertThat(BrokerUrl.parse("amqp://h")).isEqualTo(new BrokerUrl("h", 5672, null, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "http://h:1", "amqp://", "amqp:/x", "amqp://a b"})
    void refusesOtherUrls(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BrokerUrl.parse(url))
                .withMessageContaining(url);
    }
}
