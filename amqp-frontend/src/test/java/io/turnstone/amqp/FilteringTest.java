package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.amqp.message.MessageScan;
import io.turnstone.api.Address;
import io.turnstone.api.Body;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Overlay;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Decimal64;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Role;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A source with filters")
class FilteringTest {

    private static final Symbol SELECTOR = Symbol.valueOf("apache.org:selector-filter:string");
    private static final Symbol SQL = Symbol.valueOf("amqp:sql-filter");

    private final ScriptedPeer peer = new ScriptedPeer().begun();

    private static DescribedType described(Object descriptor, Object value) {
        return new UnknownDescribedType(descriptor, value);
    }

    private void attach(String address, Map<String, Object> filters) {
        Attach asked = peer.attach("in", 0, Role.RECEIVER, address);
        var set = new LinkedHashMap<Symbol, Object>();
        filters.forEach((name, filter) -> set.put(Symbol.valueOf(name), filter));
        ((Source) asked.getSource()).setFilter(set);
        peer.send(0, asked);
    }

    /** The names of the filters in the answer. */
    private List<String> effective() {
        var source = (Source) peer.expect(Attach.class).getSource();
        return source.getFilter() == null
                ? List.of()
                : ((Map<?, ?>) source.getFilter())
                        .keySet().stream().map(Object::toString).sorted().toList();
    }

    private Address subscribed() {
        return ((Address.Subscribed) request().source()).to().source();
    }

    private ConsumerRequest request() {
        return peer.router.requests.get(0);
    }

    private boolean matches(String color, int n) {
        var properties = new Properties();
        properties.setSubject(color);
        var application = new HashMap<String, Object>();
        application.put("color", color);
        application.put("n", n);
        byte[] encoded = peer.section(properties, new ApplicationProperties(application));
        AmqpMessage message = new MessageScan().read(Body.Inline.of(encoded));
        return request().filter().matches(message, Overlay.arrival("", "q", 0, Message.NONE));
    }

    private void refused(String text) {
        assertThat(peer.expect(Attach.class).getSource()).isNull();
        Detach detach = peer.expect(Detach.class);
        assertThat(detach.getError().getCondition().toString()).isEqualTo("amqp:invalid-field");
        assertThat((Object) detach.getError().getInfo())
                .isEqualTo(Map.of(Symbol.valueOf("field"), Symbol.valueOf("filter")));
        assertThat(detach.getError().getDescription()).startsWith(text);
        assertThat(peer.router.requests).isEmpty();
    }

    @Test
    @Spec(section = "3.5.3", says = "the answer carries the filters that are really in place")
    @Spec(section = "3.5.8", says = "a message must pass all filters of the set")
    @Spec(
            section = "Filter expressions",
            says = "filters by property, by application property and by SQL are offered and kept")
    void mustMatchAll() {
        attach(
                "q",
                Map.of(
                        "a", described(SELECTOR, "n > 1"),
                        "b", described(UnsignedLong.valueOf(0x0000468C00000004L), "n < 5"),
                        "c", described(SQL, "p.subject LIKE 'b%'"),
                        "no-local", described(UnsignedLong.valueOf(0x0000468C00000003L), "NoLocalFilter{}"),
                        "unknown", described(Symbol.valueOf("com.example:filter"), "x")));

        assertThat(effective()).containsExactly("a", "b", "c", "no-local");
        assertThat(request().mode().noLocal()).isTrue();
        assertThat(matches("blue", 3)).isTrue();
        assertThat(matches("blue", 1)).isFalse();
        assertThat(matches("blue", 5)).isFalse();
        assertThat(matches("red", 3)).isFalse();
        peer.expectNothing();
    }

    @Test
    @Spec(section = "3.5.1", says = "a filter that is not understood is left out of the answer")
    @Spec(section = "3.5.8", says = "a value without descriptor is understood by its name, or left out")
    void leavesOutWhatItDoesNotKnow() {
        attach(
                "q",
                Map.of(
                        "xquery",
                        described(Symbol.valueOf("apache.org:xquery-filter:string"), "1"),
                        "rabbitmq:stream-offset-spec",
                        described(Symbol.valueOf("rabbitmq:stream-offset-spec"), "first"),
                        "apache.org:no-local-filter:list",
                        "without descriptor, known by its name",
                        "selector",
                        "without descriptor"));

        assertThat(effective()).containsExactly("apache.org:no-local-filter:list");
        assertThat(request().filter()).isSameAs(MessageFilter.ALL);
    }

    @Test
    @Spec(
            section = "Filter expressions",
            says = "filters by property, by application property and by SQL are offered and kept")
    void offersWhatItCan() {
        attach("q", Map.of());

        assertThat(peer.expect(Attach.class).getOfferedCapabilities())
                .contains(
                        Symbol.valueOf("AMQP_FILTEX_PROP_V1_0"),
                        Symbol.valueOf("AMQP_FILTEX_SQL_V1_0"),
                        Symbol.valueOf("APACHE.ORG:SELECTOR"));
        assertThat(request().filter()).isSameAs(MessageFilter.ALL);
    }

    @Test
    @Spec(
            section = "Filter expressions",
            says = "filters by property, by application property and by SQL are offered and kept")
    void choosesByProperties() {
        attach(
                "q",
                Map.of(
                        "p",
                        described(UnsignedLong.valueOf(0x173), Map.of(Symbol.valueOf("subject"), "&p:bl")),
                        "a",
                        described(
                                Symbol.valueOf("amqp:application-properties-filter"),
                                Map.of("n", UnsignedLong.valueOf(3)))));

        assertThat(effective()).containsExactly("a", "p");
        assertThat(matches("blue", 3)).isTrue();
        assertThat(matches("blue", 4)).isFalse();
        assertThat(matches("red", 3)).isFalse();
    }

    @Test
    void worksOnABrowserToo() {
        Attach asked = peer.attach("in", 0, Role.RECEIVER, "q");
        var source = (Source) asked.getSource();
        source.setDistributionMode(Symbol.valueOf("copy"));
        source.setFilter(Map.of(SELECTOR, described(SELECTOR, "n = 1")));
        peer.send(0, asked);

        assertThat(effective()).hasSize(1);
        assertThat(request().mode().browse()).isTrue();
        assertThat(matches("", 1)).isTrue();
        assertThat(matches("", 2)).isFalse();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "apache.org:selector-filter:string | n = | filter 'f': line 1, column 4: expected a name",
                "amqp:sql-filter | n BETWEEN 1 AND 2 | filter 'f': line 1, column 3: expected AND, OR or the end",
                "amqp:properties-filter | x | the value of filter 'f' must be a map",
            })
    void isRefusedForAMistakeInOne(String descriptor, String value, String text) {
        attach("q", Map.of("f", described(Symbol.valueOf(descriptor), value)));

        refused(text);
    }

    @Test
    void isRefusedForAValueOfTheWrongKind() {
        attach("q", Map.of("f", described(SELECTOR, 5)));
        refused("the value of filter 'f' must be a string");
    }

    @Test
    void isRefusedForAnEmptyPropertyFilter() {
        attach("q", Map.of("f", described(UnsignedLong.valueOf(0x174), Map.of())));
        refused("filter 'f': it names 0 properties");
    }

    @Test
    void isRefusedForSqlBesideProperties() {
        attach(
                "q",
                Map.of(
                        "s", described(SQL, "n = 1"),
                        "p", described(UnsignedLong.valueOf(0x174), Map.of("n", 1))));
        refused("an SQL filter must not stand beside a filter by properties");
    }

    @Test
    @Spec(section = "Filter expressions", says = "what costs too much is refused")
    void isRefusedForTooMany() {
        var filters = new HashMap<String, Object>();
        for (int i = 0; i < 17; i++) {
            filters.put("f" + i, described(SELECTOR, "n = 1"));
        }
        attach("q", filters);
        refused("a source has 17 filters, and may have 16");
    }

    @ParameterizedTest(name = "of a {0} exchange by {1}")
    @CsvSource({
        "direct, apache.org:legacy-amqp-direct-binding:string, /exchanges/x",
        "topic, apache.org:legacy-amqp-topic-binding:string, /exchanges/x",
        "topic, apache.org:legacy-amqp-topic-binding:string, x",
        "topic, apache.org:legacy-amqp-topic-binding:string, x/other",
    })
    void choosesTheBindingKey(String type, String descriptor, String address) {
        peer.router.topology.exchanges.put("x", ExchangeSpec.of("x", type));
        attach(address, Map.of("f", described(Symbol.valueOf(descriptor), "a.*")));

        assertThat(effective()).containsExactly("f");
        assertThat(subscribed()).isEqualTo(new Address.Exchange("x", "a.*"));
    }

    @Test
    void choosesTheBindingOfAHeadersExchange() {
        peer.router.topology.exchanges.put("x", ExchangeSpec.of("x", "headers"));
        attach(
                "/exchanges/x",
                Map.of("f", described(UnsignedLong.valueOf(0x0000468C00000002L), Map.of("x-match", "any", "n", 1))));

        assertThat(effective()).containsExactly("f");
        assertThat(subscribed()).isEqualTo(new Address.Exchange("x", "", Map.of("x-match", "any", "n", 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("incomparable")
    void refusesABindingOfAHeadersExchangeThatWouldMatchMore(String what, @Nullable Object value) {
        peer.router.topology.exchanges.put("x", ExchangeSpec.of("x", "headers"));
        var wanted = new HashMap<String, Object>();
        wanted.put("n", value);
        attach("/exchanges/x", Map.of("f", described(UnsignedLong.valueOf(0x0000468C00000002L), wanted)));
        refused("property 'n' of the binding must have a value that can be compared");
    }

    static Stream<Arguments> incomparable() {
        return Stream.of(
                Arguments.of("no value", null),
                Arguments.of("binary", new Binary(new byte[1])),
                Arguments.of("decimal", new Decimal64(1)));
    }

    @Test
    void leavesOutABindingThatIsNotOfItsKind() {
        peer.router.topology.exchanges.put("x", ExchangeSpec.of("x", "fanout"));
        var binding = described(UnsignedLong.valueOf(0x0000468C00000001L), "a.*");
        attach("/exchanges/x/key", Map.of("f", binding, "s", described(SELECTOR, "n = 1")));
        assertThat(effective()).containsExactly("s");
        assertThat(subscribed()).isEqualTo(new Address.Exchange("x", "key"));

        Attach onQueue = peer.attach("q", 1, Role.RECEIVER, "/queues/q");
        ((Source) onQueue.getSource()).setFilter(Map.of(Symbol.valueOf("f"), binding));
        peer.send(0, onQueue);
        assertThat(effective()).isEmpty();
    }
}
