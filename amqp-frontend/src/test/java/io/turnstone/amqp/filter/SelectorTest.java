package io.turnstone.amqp.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Death;
import io.turnstone.api.DeathReason;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.Overlay;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A selector")
class SelectorTest {

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "color = 'blue'",
                "'blue' = color",
                "color <> 'red'",
                "COLOR IS NULL",
                "empty = ''",
                "emoji = 'a☀️é'",
                "quote = 'it''s 100%_'",
                "symbol = 'sym'",
                "char = 'x'",
                "uuid = '0e1c2b3a-4d5e-6f70-8192-a3b4c5d6e7f8'",
                "größe = 3",
                "dotted.name = 1",
                "\"my-key\" = 'hyphen'",
                "\"color\" = 'blue'",
                "i = 5 AnD nOt (color = 'red')",
                "\ti\n=\r5\f",
                "i=5 AND(color='blue')OR(no)",
            })
    void matchesByNameAndLiteral(String selector) {
        assertThat(Subjects.selects(selector)).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "i = 5",
                "i = 5L",
                "i = 5.0",
                "i = 5.",
                "i = 5d",
                "i = 5F",
                "i = 0x5",
                "i = 0X05L",
                "i = 05",
                "i = 0b101",
                "i = .5E1",
                "i = 50e-1",
                "i = +5",
                "i = -(-5)",
                "- i = -5",
                "i > 4.9 AND i < 5.1 AND i >= 5 AND i <= 5 AND i <> 4",
                "b = -2 AND s = -3",
                "ub = 200 AND us = 60000 AND ui = 4000000000 AND ui0 = 0",
                "ul = 18446744073709551615 AND ul > 9223372036854775807 AND ul > l AND ul > 1e19",
                "ul <> 18446744073709551614 AND ul < 1.8446744073709552e19 AND ul < inf",
                "l = 9223372036854775807 AND l <> 9223372036854775806 AND l < 9223372036854775808",
                "l <> 9.223372036854775807E18 AND l < 9.223372036854775807E18",
                "min = -9223372036854775808 AND min < -9.2233720368547E18 AND min >= -9223372036854775808.0",
                "f = 0.1f AND f <> 0.1 AND f > 0.1",
                "d = 2.5 AND d > 2 AND d < 3",
                "nan <> nan AND nan <> 1",
                "inf > 1e308 AND inf > l",
                "when = 1500000000000",
            })
    void comparesNumbersOfAnyTypeExactly(String selector) {
        assertThat(Subjects.selects(selector)).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "i + 2 * 3 = 11",
                "(i + 2) * 3 = 21",
                "i - 1 - 1 = 3",
                "i / 2 = 2",
                "i / 2.0 = 2.5",
                "-i / 2 = -2",
                "7 % 4 * 2 = 6",
                "i % 3 = 2 AND d % 1 = 0.5",
                "i * d = 12.5",
                "l + 1 > l",
                "min - 1 <= min",
                "min / -1 > l",
                "ul - 1 > l",
                "-ul < min",
                "i = i AND i + i = 2 * i",
            })
    void computes(String selector) {
        assertThat(Subjects.selects(selector)).isTrue();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "missing = 1; unknown",
                "missing <> 1; unknown",
                "nothing = nothing; unknown",
                "missing + 1 = 1; unknown",
                "-missing < 1; unknown",
                "i / 0 = 1; unknown",
                "i % 0 = 1; unknown",
                "color + 1 = 1; unknown",
                "-color = 1; unknown",
                "missing; unknown",
                "color; unknown",
                "missing LIKE 'a'; unknown",
                "missing IN ('a'); unknown",
                "missing BETWEEN 1 AND 2; unknown",
                "missing NOT BETWEEN 1 AND 2; unknown",
                "missing IS NULL; true",
                "nothing IS NULL; true",
                "missing IS NOT NULL; false",
                "list IS NOT NULL; true",
                "list = list; false",
                "yes AND missing; unknown",
                "missing AND no; false",
                "no AND missing; false",
                "yes OR missing; true",
                "missing OR yes; true",
                "missing OR no; unknown",
                "NOT missing; unknown",
                "NOT NOT yes; true",
                "yes; true",
                "no; false",
                "TRUE; true",
                "false; false",
                "yes = TRUE; true",
                "no <> yes; true",
                "(i > 4) = TRUE; true",
                "(missing > 4) = TRUE; unknown",
                "i = '5'; false",
                "i <> color; false",
                "color = yes; false",
                "color < color; false",
                "color >= empty; false",
                "yes > no; false",
                "nan = nan; false",
                "nan < 1; false",
            })
    void hasThreeTruthValues(String selector, String truth) {
        MessageFilter filter = ExpressionFilter.selector(selector);
        MessageFilter negated = ExpressionFilter.selector("NOT (" + selector + ")");

        assertThat(Subjects.truth(filter, negated)).isEqualTo(truth);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "i BETWEEN 5 AND 5; true",
                "i BETWEEN 4 AND 6.5; true",
                "i BETWEEN 6 AND 4; false",
                "i NOT BETWEEN 6 AND 9; true",
                "i NOT BETWEEN i AND i; false",
                "i + 1 BETWEEN 2 * 3 AND 7; true",
                "i BETWEEN 1 AND missing; unknown",
                "i BETWEEN 9 AND missing; false",
                "color BETWEEN 1 AND 2; false",
                "color IN ('red', 'blue'); true",
                "color NOT IN ('red', 'blue'); false",
                "color IN ('red'); false",
                "i IN ('5'); false",
                "i NOT IN ('5'); true",
                "(color) IN ('blue'); true",
                "i = 5 AND i BETWEEN 1 AND 9 AND color = 'blue'; true",
                "NOT i BETWEEN 6 AND 9; true",
                "NOT i = 6; true",
                "yes OR no AND no; true",
            })
    void knowsRangesAndLists(String selector, String truth) {
        knows(selector, truth);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "color LIKE 'b%'; true",
                "color LIKE '%e'; true",
                "color LIKE '%lu%'; true",
                "color LIKE 'b__e'; true",
                "color LIKE 'b_e'; false",
                "color LIKE '%'; true",
                "color LIKE ''; false",
                "empty LIKE ''; true",
                "empty LIKE '%'; true",
                "empty LIKE '_'; false",
                "color LIKE 'B%'; false",
                "color NOT LIKE 'r%'; true",
                "color LIKE '%b%l%u%e%'; true",
                "color LIKE '%u%l%'; false",
                "emoji LIKE 'a___'; true",
                "emoji LIKE 'a__'; false",
                "emoji LIKE '%é'; true",
                "emoji LIKE '____%'; true",
                "emoji LIKE '%_____'; false",
                "quote LIKE '%!%!_' ESCAPE '!'; true",
                "quote LIKE '%100x%x_' ESCAPE 'x'; true",
                "quote LIKE 'it''s%'; true",
                "i LIKE '5'; false",
                "dotted.name LIKE '1'; false",
            })
    void matchesPatterns(String selector, String truth) {
        knows(selector, truth);
    }

    private static void knows(String selector, String truth) {
        MessageFilter filter = ExpressionFilter.selector(selector);
        MessageFilter negated = ExpressionFilter.selector("NOT (" + selector + ")");

        assertThat(Subjects.truth(filter, negated)).isEqualTo(truth);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "JMSMessageID = 'ID:order-1'",
                "JMSCorrelationID = 'c-1'",
                "JMSType = 'order.paid'",
                "JMSPriority = 7",
                "JMSTimestamp = 1000000000000",
                "JMSDeliveryMode = 'PERSISTENT'",
                "JMSExpiration = 0",
                "JMSRedelivered",
                "JMSXDeliveryCount = 3",
                "JMSXGroupID = 'group-1'",
                "JMSXGroupSeq = 4000000000",
                "JMSXUserID = 'anna'",
                "JMSDestination = '/queues/orders'",
                "JMSReplyTo = 'answers'",
                "JMS_AMQP_TTL = 60000",
                "JMS_AMQP_CONTENT_TYPE = 'text/plain'",
                "JMS_AMQP_REPLY_TO_GROUP_ID = 'group-2'",
                "JMS_AMQP_FirstAcquirer = FALSE",
                "jmspriority IS NULL",
                "amqp.durable AND NOT amqp.first_acquirer AND amqp.priority = 7 AND amqp.ttl = 60000",
                "amqp.delivery_count = 2 AND amqp.message_id = 'ID:order-1' AND amqp.user_id = 'anna'",
                "amqp.to = '/queues/orders' AND amqp.subject = 'order.paid' AND amqp.reply_to = 'answers'",
                "amqp.correlation_id = 'c-1' AND amqp.content_type = 'text/plain' AND amqp.content_encoding = 'gzip'",
                "amqp.absolute_expiry_time = 2000000000000 AND amqp.creation_time = 1000000000000",
                "amqp.group_id = 'group-1' AND amqp.group_sequence = 4000000000 AND amqp.reply_to_group_id = 'group-2'",
                "\"amqp.message-id\" = 'ID:order-1'",
                "\"m.x-opt-tier\" = 'gold' AND \"m.x-opt-number\" = 5 AND \"m.x-opt-none\" IS NULL",
            })
    void namesHeaderPropertiesAndAnnotations(String selector) {
        assertThat(Subjects.selects(selector)).isTrue();
    }

    @Test
    void seesIdsAsJmsShowsThem() {
        assertThat(byId("plain", "JMSMessageID = 'ID:AMQP_NO_PREFIX:plain'")).isTrue();
        assertThat(byId("plain", "JMSCorrelationID = 'plain' AND amqp.message_id = 'plain'"))
                .isTrue();
        assertThat(byId(Subjects.ID, "JMSMessageID = 'ID:AMQP_UUID:" + Subjects.ID + "'"))
                .isTrue();
        assertThat(byId(UnsignedLong.valueOf(-1L), "JMSCorrelationID = 'ID:AMQP_ULONG:18446744073709551615'"))
                .isTrue();
        assertThat(byId(UnsignedLong.valueOf(7), "amqp.correlation_id = 7")).isTrue();
        assertThat(byId(new Binary(new byte[] {1, (byte) 0xab}), "JMSMessageID = 'ID:AMQP_BINARY:01AB'"))
                .isTrue();
        assertThat(byId("ID:AMQP_ULONG:7", "JMSMessageID = 'ID:AMQP_STRING:ID:AMQP_ULONG:7'"))
                .isTrue();
        assertThat(byId(UUID.randomUUID(), "JMSMessageID IS NULL")).isFalse();
    }

    private static boolean byId(Object id, String selector) {
        var properties = new Properties();
        properties.setMessageId(id);
        properties.setCorrelationId(id);
        return ExpressionFilter.selector(selector).matches(Subjects.with(properties), Subjects.NEW);
    }

    @Test
    void seesWhatTheQueueKnows() {
        var death = new Death("orders", DeathReason.REJECTED, 1, 1, 1, "", List.of(), null);
        var overlay = new Overlay(
                "events", "a.b", 0, 5_000, 0, 1, 4, List.of(death), Map.of("x-opt-tier", "silver", "x-n", 1), 0);

        assertThat(ExpressionFilter.selector(
                                "JMSExpiration = 5000 AND JMSXDeliveryCount = 7 AND \"m.x-opt-tier\" = 'silver'"
                                        + " AND \"m.x-n\" = 1 AND \"m.x-exchange\" = 'events'"
                                        + " AND \"m.x-routing-key\" LIKE 'a.%' AND \"m.x-first-death-reason\" = 'rejected'"
                                        + " AND \"m.x-opt-ORIG-QUEUE\" = 'orders' AND JMS_AMQP_MA_x_n IS NULL")
                        .matches(Subjects.ORDER, overlay))
                .isTrue();
    }

    @Test
    void tellsTheValueThatEveryMatchHas() {
        MessageFilter.Key one = ExpressionFilter.selector("i > 3 AND (JMSCorrelationID = 'c-1' AND yes)")
                .key();
        MessageFilter.Key same =
                ExpressionFilter.selector("'c-2' = JMSCorrelationID").key();
        MessageFilter.Key number = ExpressionFilter.selector("i = 5.0").key();

        assertThat(one).isNotNull();
        assertThat(one.value()).isEqualTo("c-1").isEqualTo(one.field().of(Subjects.ORDER, Subjects.NEW));
        assertThat(same).isNotNull();
        assertThat(same.field()).isEqualTo(one.field());
        assertThat(number).isNotNull();
        assertThat(number.field().of(Subjects.ORDER, Subjects.NEW)).isEqualTo(number.value());
        assertThat(ExpressionFilter.selector("i = 5 OR i = 6").key()).isNull();
        assertThat(ExpressionFilter.selector("JMSXDeliveryCount = 1").key()).isNull();
        assertThat(ExpressionFilter.selector("i = l").key()).isNull();
    }

    @Test
    void givesUpAPatternThatCostsTooMuch() {
        var subject = Subjects.with(Map.of("t", "ab".repeat(3_500) + "x"));

        assertThat(ExpressionFilter.selector("t LIKE '%abx'").matches(subject, Subjects.NEW))
                .isTrue();
        assertThat(ExpressionFilter.selector("t LIKE '%" + "ab".repeat(200) + "x'")
                        .matches(subject, Subjects.NEW))
                .isFalse();
    }
}
