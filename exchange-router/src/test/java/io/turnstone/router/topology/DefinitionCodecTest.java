package io.turnstone.router.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Address;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.Durability;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import io.turnstone.api.Subscription;
import io.turnstone.api.Topology.Owner;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The definition codec")
class DefinitionCodecTest {

    @Test
    void keepsEveryFieldOfAQueueInTheStore() {
        var spec = QueueSpec.named("q")
                .priorities(255)
                .ttlMs(1)
                .expiresMs(2)
                .limit(new QueueLimit(3, 4, Overflow.BLOCK))
                .retry(new RetrySpec(5, RetrySpec.Backoff.EXPONENTIAL, 6, 7, 0.5))
                .deadLetter(new DeadLetter.ToExchange("dead", "k"))
                .autoDelete(true)
                .singleActive(true)
                .durability(Durability.NEVER)
                .groups(new GroupSpec(6, 7))
                .subscription(new Subscription(
                        new Subscription.Key("app", "all", true, true, 0),
                        new Address.Exchange("x", "k", Map.of("x-match", "any")),
                        new Subscription.Selection("f", "text", true),
                        8))
                .arguments(Map.of("x-list", List.of(1, "two", Map.of("three", true)), "x-bytes", 5L))
                .build();

        var kept = DefinitionCodec.queue(DefinitionCodec.queue(42, spec, Owner.CONFIG));

        assertThat(kept.spec()).isEqualTo(spec);
        assertThat(kept.id()).isEqualTo(42);
        assertThat(kept.owner()).isEqualTo(Owner.CONFIG);
    }
}
