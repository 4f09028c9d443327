package io.turnstone.amqp.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.MessageFilter;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A filter by properties")
class PropertyFiltersTest {

    @SuppressWarnings("JavaUtilDate")
    static Stream<Arguments> fields() {
        return Stream.of(
                Arguments.of("message-id", "ID:order-1"),
                Arguments.of("user-id", new Binary("anna".getBytes(StandardCharsets.UTF_8))),
                Arguments.of("to", "&p:/queues/"),
                Arguments.of("subject", "order.paid"),
                Arguments.of("reply-to", "&s:swers"),
                Arguments.of("correlation-id", "c-1"),
                Arguments.of("content-type", Symbol.valueOf("text/plain")),
                Arguments.of("content-encoding", Symbol.valueOf("gzip")),
                Arguments.of("absolute-expiry-time", new Date(2_000_000_000_000L)),
                Arguments.of("creation-time", new Date(1_000_000_000_000L)),
                Arguments.of("group-id", "&p:group"),
                Arguments.of("group-sequence", UnsignedInteger.valueOf(4_000_000_000L)),
                Arguments.of("reply-to-group-id", null));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fields")
    void matchesEachField(String field, @Nullable Object value) {
        var wanted = Collections.singletonMap(Symbol.valueOf(field), value);

        assertThat(matches(PropertyFilters.properties(wanted))).isTrue();
        assertThat(matches(PropertyFilters.properties(Map.of(Symbol.valueOf(field), "another"))))
                .isFalse();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "blue, true",
        "Blue, false",
        "&p:bl, true",
        "&p:, true",
        "&s:ue, true",
        "&s:bl, false",
        "&p:blue-green, false",
        "&&blue, false",
    })
    void matchesStrings(String reference, boolean matches) {
        assertThat(matches(PropertyFilters.applicationProperties(Map.of("color", reference))))
                .isEqualTo(matches);
    }

    @Test
    void takesAnAmpersandThatIsWrittenTwice() {
        var subject = Subjects.with(Map.of("t", "&p:x"));

        assertThat(PropertyFilters.applicationProperties(Map.of("t", "&&p:x")).matches(subject, Subjects.NEW))
                .isTrue();
        assertThat(PropertyFilters.applicationProperties(Map.of("t", "&p:x")).matches(subject, Subjects.NEW))
                .isFalse();
    }

    @Test
    void comparesNumbersWhateverTheirTypes() {
        assertThat(matches(PropertyFilters.applicationProperties(
                        Map.of("i", 5L, "ub", 200, "ul", UnsignedLong.valueOf(-1L), "d", 2.5f, "zero", 0.0))))
                .isTrue();
        assertThat(matches(PropertyFilters.applicationProperties(Map.of("i", "5"))))
                .isFalse();
    }

    @Test
    void wantsAllOfThem() {
        assertThat(matches(PropertyFilters.applicationProperties(Map.of("i", 5, "color", "red"))))
                .isFalse();
        assertThat(matches(PropertyFilters.applicationProperties(Map.of("i", 5, "color", "blue", "yes", true))))
                .isTrue();
    }

    @Test
    void takesAnyValueForNullButWantsTheApplicationProperty() {
        assertThat(matches(PropertyFilters.applicationProperties(Collections.singletonMap("color", null))))
                .isTrue();
        assertThat(matches(PropertyFilters.applicationProperties(Collections.singletonMap("missing", null))))
                .isFalse();
        assertThat(matches(PropertyFilters.applicationProperties(Map.of("missing", "x"))))
                .isFalse();
    }

    @Test
    void tellsTheValueThatEveryMatchHas() {
        var one = PropertyFilters.properties(Map.of(Symbol.valueOf("correlation-id"), "c-1"))
                .key();
        var selected = ExpressionFilter.selector("amqp.correlation_id = 'c-1'").key();

        assertThat(one).isNotNull().isEqualTo(selected);
    }

    @Test
    void refusesWhatItCannotJudge() {
        assertThatThrownBy(() -> PropertyFilters.properties(Map.of()))
                .hasMessage("it names 0 properties, and must name 1 to 16");
        var many = new HashMap<String, Object>();
        for (int i = 0; i < 17; i++) {
            many.put("p" + i, i);
        }
        assertThatThrownBy(() -> PropertyFilters.applicationProperties(many))
                .hasMessage("it names 17 properties, and must name 1 to 16");
        assertThatThrownBy(() -> PropertyFilters.properties(Map.of(Symbol.valueOf("colour"), "x")))
                .hasMessage("the key 'colour' must be the name of a field of the properties section");
        assertThatThrownBy(() -> PropertyFilters.properties(Map.of(Symbol.valueOf("message_id"), "x")))
                .isInstanceOf(FilterSyntaxException.class);
        assertThatThrownBy(() -> PropertyFilters.applicationProperties(Map.of(1, "x")))
                .hasMessage("the key '1' must be a string");
        assertThatThrownBy(() -> PropertyFilters.applicationProperties(Map.of("a", List.of(1))))
                .hasMessage("the value of 'a' must be a string, a number, a boolean or another simple type");
        assertThatThrownBy(() -> PropertyFilters.applicationProperties(Map.of("a", "&x:1")))
                .hasMessageStartingWith("the value '&x:1' must not begin with a single &");
    }

    private static boolean matches(MessageFilter filter) {
        return filter.matches(Subjects.ORDER, Subjects.NEW);
    }
}
