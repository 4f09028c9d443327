package io.turnstone.amqp.terms;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Condition;
import io.turnstone.api.Refusal;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Error conditions")
class AmqpConditionsTest {

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "NOT_FOUND,           amqp:not-found,               NOT_FOUND",
        "PRECONDITION_FAILED, amqp:precondition-failed,     PRECONDITION_FAILED",
        "RESOURCE_LOCKED,     amqp:resource-locked,         RESOURCE_LOCKED",
        "RESOURCE_DELETED,    amqp:resource-deleted,        RESOURCE_DELETED",
        "UNAUTHORIZED,        amqp:unauthorized-access,     UNAUTHORIZED",
        "LIMIT_EXCEEDED,      amqp:resource-limit-exceeded, LIMIT_EXCEEDED",
        "INVALID,             amqp:invalid-field,           INVALID",
        "NOT_IMPLEMENTED,     amqp:not-implemented,         NOT_IMPLEMENTED",
        "UNAVAILABLE,         amqp:precondition-failed,     PRECONDITION_FAILED",
        "INTERNAL,            amqp:internal-error,          INTERNAL",
    })
    void nameTheKindsOfRefusal(Condition condition, String symbol, Condition back) {
        assertThat(AmqpConditions.symbol(condition).toString()).isEqualTo(symbol);
        assertThat(AmqpConditions.condition(Symbol.valueOf(symbol))).isEqualTo(back);
    }

    @Test
    void carryFactsForPrograms() {
        var refusal =
                new Refusal(Condition.LIMIT_EXCEEDED, "queue 'q' is full", Map.of("queue", "q", "reason", "maxlen"));

        var error = AmqpConditions.of(refusal);

        assertThat(error.getDescription()).isEqualTo("queue 'q' is full");
        assertThat((Object) error.getInfo())
                .isEqualTo(Map.of(Symbol.valueOf("queue"), "q", Symbol.valueOf("reason"), Symbol.valueOf("maxlen")));
        assertThat(AmqpConditions.linkError(refusal).asCondition()).isEqualTo(error);
    }

    @Test
    void sayWhyABrokerIsUnavailable() {
        var error = AmqpConditions.of(new Refusal(Condition.UNAVAILABLE, "stopping"));

        assertThat((Object) error.getInfo()).isEqualTo(Map.of(Symbol.valueOf("reason"), Symbol.valueOf("unavailable")));
    }

    @Test
    void ofOtherPeersAreInvalidRequests() {
        assertThat(AmqpConditions.condition(Symbol.valueOf("com.example:odd"))).isEqualTo(Condition.INVALID);
    }
}
