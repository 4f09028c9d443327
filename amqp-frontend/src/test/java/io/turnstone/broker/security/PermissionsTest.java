package io.turnstone.broker.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Authorizer.Action;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Permissions")
class PermissionsTest {

    @ParameterizedTest(name = "{0} covers {1}: {2}")
    @CsvSource({
        "/queues/orders,        /queues/orders,          true",
        "/queues/orders,        /queues/orders.eu,       false",
        "/queues/orders.*,      /queues/orders.eu,       true",
        "/queues/orders.*,      /queues/orders.,         true",
        "/queues/*,             /queues/a/b,             false",
        "/queues/**,            /queues/a/b,             true",
        "/exchanges/orders/*,   /exchanges/orders/a.b,   true",
        "/exchanges/orders/*,   /exchanges/orders/a/b,   false",
        "/exchanges/orders/**,  /exchanges/orders/a/b,   true",
        "/exchanges/orders/**,  /exchanges/orders/,      true",
        "/exchanges/*/eu.*,     /exchanges/x/eu.paid,    true",
        "/exchanges/*/eu.*,     /exchanges/x/us.paid,    false",
        "**,                    /queues/anything,        true",
        "/queues/*a*b*c,        /queues/xaybzc,          true",
        "/queues/*a*b*c,        /queues/xaybz,           false",
    })
    void matchByPattern(String pattern, String resource, boolean covers) {
        assertThat(Glob.of(pattern).matches(resource)).isEqualTo(covers);
    }

    @Test
    void areDecidedQuicklyEvenForResourcesMadeToBeSlow() {
        Glob glob = Glob.of("/queues/" + "*a".repeat(50) + "*b");
        String resource = "/queues/" + "a".repeat(5_000);

        Assertions.assertTimeout(
                Duration.ofSeconds(5), () -> assertThat(glob.matches(resource)).isFalse());
    }

    @Test
    void allowEverythingToAUserWithoutAny() {
        var permissions = new Permissions(List.of(user("joe")), Map.of(), false);

        assertThat(permissions.allowed(identity("joe"), Action.MANAGE, "/queues/q"))
                .isTrue();
    }

    @Test
    void allowOnlyThemselvesToAUserWithSome() {
        var permission = new Permission(Set.of(Action.PUBLISH), List.of(Glob.of("/exchanges/orders/**")));
        var permissions = new Permissions(List.of(user("joe", permission)), Map.of(), false);

        assertThat(permissions.allowed(identity("joe"), Action.PUBLISH, "/exchanges/orders/eu"))
                .isTrue();
        assertThat(permissions.allowed(identity("joe"), Action.CONSUME, "/exchanges/orders/eu"))
                .isFalse();
        assertThat(permissions.allowed(identity("joe"), Action.PUBLISH, "/exchanges/other/eu"))
                .isFalse();
        assertThat(permissions.allowed(identity("joe"), Action.PUBLISH, "/queues/orders"))
                .isFalse();
    }

    @Test
    void allowNothingToAUserWhoIsGone() {
        var permissions = new Permissions(List.of(user("joe")), Map.of(), false);

        assertThat(permissions.allowed(identity("ann"), Action.PUBLISH, "/queues/q"))
                .isFalse();
    }

    @Test
    void leaveThoseAPluginKnowsAlone() {
        var permissions = new Permissions(List.of(user("joe")), Map.of(), true);

        assertThat(permissions.allowed(identity("ann"), Action.PUBLISH, "/queues/q"))
                .isTrue();
    }

    @Test
    void canBeGivenToWhoeverComesWithoutCredentials() {
        var permission = new Permission(Set.of(Action.CONSUME), List.of(Glob.of("/queues/public")));
        var permissions = new Permissions(List.of(user("anonymous", permission)), Map.of(), false);

        assertThat(permissions.allowed(Identity.ANONYMOUS, Action.CONSUME, "/queues/public"))
                .isTrue();
        assertThat(permissions.allowed(Identity.ANONYMOUS, Action.CONSUME, "/queues/other"))
                .isFalse();
    }

    @Test
    void ofARoleAreThoseOfNobodyElse() {
        var mayRead = new Permission(Set.of(Action.CONSUME), List.of(Glob.of("/queues/a")));
        var roles = Map.of("reader", List.of(mayRead), "root", List.<Permission>of());
        var permissions = new Permissions(List.of(user("joe")), roles, false);

        var reader = new Identity("joe", "XOAUTH2", Set.of("reader"));
        assertThat(permissions.allowed(reader, Action.CONSUME, "/queues/a")).isTrue();
        assertThat(permissions.allowed(reader, Action.PUBLISH, "/queues/a")).isFalse();
        assertThat(permissions.allowed(new Identity("x", "XOAUTH2", Set.of("root")), Action.MANAGE, "/queues/a"))
                .isTrue();
        assertThat(permissions.allowed(new Identity("joe", "XOAUTH2", Set.of("gone")), Action.CONSUME, "/queues/a"))
                .isFalse();
    }

    private static User user(String name, Permission... permissions) {
        return new User(name, List.of(), List.of(), List.of(permissions), false);
    }

    private static Identity identity(String name) {
        return new Identity(name, "PLAIN");
    }
}
