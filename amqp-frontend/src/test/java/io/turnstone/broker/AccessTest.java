package io.turnstone.broker;

import static io.turnstone.broker.security.Mechanism.ANONYMOUS;
import static io.turnstone.broker.security.Mechanism.EXTERNAL;
import static io.turnstone.broker.security.Mechanism.PLAIN;
import static io.turnstone.broker.security.Mechanism.SCRAM_SHA_256;
import static io.turnstone.broker.security.Mechanism.SCRAM_SHA_512;
import static io.turnstone.broker.security.Mechanism.XOAUTH2;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.FakeLoop;
import io.turnstone.api.plugin.Login;
import io.turnstone.broker.config.Admission;
import io.turnstone.broker.config.Anonymous;
import io.turnstone.broker.security.Logins;
import io.turnstone.broker.security.Mechanism;
import io.turnstone.broker.security.Offer;
import io.turnstone.broker.security.SaslLogin;
import io.turnstone.broker.security.ScramHash;
import io.turnstone.broker.security.ScramVerifier;
import io.turnstone.broker.security.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("Access")
class AccessTest {

    private static final String HERE = "127.0.0.1:1";
    private static final String ELSEWHERE = "192.0.2.1:1";

    @Test
    void offersWhatSomebodyCanUse() {
        Access access = access(List.of(user("joe", ScramHash.SHA_256)), List.of(), false);

        assertThat(access.offer(List.of(), HERE, List.of()).mechanisms())
                .containsExactly(SCRAM_SHA_256, PLAIN, ANONYMOUS);
        assertThat(access.offer(List.of(), ELSEWHERE, List.of()).mechanisms()).containsExactly(SCRAM_SHA_256, PLAIN);
        assertThat(access.offer(List.of(), ELSEWHERE, List.of("joe")).mechanisms())
                .containsExactly(EXTERNAL, SCRAM_SHA_256, PLAIN);
    }

    @Test
    void offersScramByItselfOnlyWhenEverybodyCanUseIt() {
        var both = new User(
                "ann", List.of(verifier(ScramHash.SHA_256), verifier(ScramHash.SHA_512)), List.of(), List.of(), false);
        Access access = access(List.of(both, user("joe", ScramHash.SHA_512)), List.of(), false);

        assertThat(access.offer(List.of(), ELSEWHERE, List.of()).mechanisms()).containsExactly(SCRAM_SHA_512, PLAIN);
    }

    @Test
    void offersWhatTheListenerNamesRatherThanTheFile() {
        Access access = access(List.of(user("joe", ScramHash.SHA_256)), List.of(PLAIN, SCRAM_SHA_512), false);

        assertThat(access.offer(List.of(), HERE, List.of()).mechanisms()).containsExactly(SCRAM_SHA_512, PLAIN);
        assertThat(access.offer(List.of(ANONYMOUS), HERE, List.of()).mechanisms())
                .containsExactly(ANONYMOUS);
        assertThat(access.anonymousAllowed(List.of(), HERE)).isFalse();
        assertThat(access.anonymousAllowed(List.of(ANONYMOUS), HERE)).isTrue();
    }

    /** The list must not be empty, but what stands in it for that reason alone must let nobody in. */
    @ParameterizedTest
    @EnumSource(names = {"ANONYMOUS", "EXTERNAL"})
    void letsNobodyInByWhatDoesNotFitTheConnection(Mechanism mechanism) {
        Access access = access(List.of(user("joe", ScramHash.SHA_256)), List.of(mechanism), false);
        Offer offer = access.offer(List.of(), ELSEWHERE, List.of());
        assertThat(offer.mechanisms()).containsExactly(mechanism);

        assertThat(begin(offer, mechanism)).isEqualTo(new Login.Step.Refused(Login.Reason.UNAVAILABLE));
    }

    @Test
    void saysThatNobodyCanUseWhatNeedsVerifiersOfAPlugin() {
        Access access = access(List.of(), List.of(SCRAM_SHA_256), true);

        assertThat(begin(access.offer(List.of(), HERE, List.of()), SCRAM_SHA_256))
                .isEqualTo(new Login.Step.Refused(Login.Reason.UNAVAILABLE));
        assertThat(begin(access.offer(List.of(), HERE, List.of()), XOAUTH2))
                .isEqualTo(new Login.Step.Refused(Login.Reason.CREDENTIALS));
    }

    private static Login.Step begin(Offer offer, Mechanism mechanism) {
        var steps = new ArrayList<Login.Step>();
        try (var logins = new Logins((user, password, remote) -> Optional.empty(), (user, remote) -> {})) {
            new SaslLogin(offer, logins, ELSEWHERE, new FakeLoop()).begin(mechanism.label(), null, steps::add);
        }
        return steps.get(0);
    }

    private static Access access(List<User> users, List<Mechanism> sasl, boolean strangers) {
        return new Access(
                new Admission(Anonymous.LOOPBACK, Optional.of(users), Map.of(), Optional.empty(), sasl),
                strangers,
                new byte[32]);
    }

    private static User user(String name, ScramHash hash) {
        return User.of(name, verifier(hash), List.of());
    }

    private static ScramVerifier verifier(ScramHash hash) {
        return ScramVerifier.of(hash, "pw".toCharArray(), ScramVerifier.MIN_ITERATIONS);
    }
}
