package io.turnstone.amqp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.amqp.management.Renewal;
import io.turnstone.amqp.management.TokenTaker;
import io.turnstone.api.Condition;
import io.turnstone.api.Identity;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.plugin.Login;
import io.turnstone.api.plugin.Protocol;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.jspecify.annotations.Nullable;

/**
 * How long it is known who a peer is. Where that ends one day, as with tokens, it ends the connection, unless the peer
 * brings a newer token of the same bearer in time. Owned by the loop of its connection.
 */
final class Proof implements Renewal, TokenTaker {

    /** The mechanism that takes a token alone. */
    private static final String MECHANISM = "XOAUTH2";

    private final AmqpConnection connection;
    private final Protocol.Channel channel;
    private final Protocol.Host host;
    private final Deadline expiry;
    private Identity identity = Identity.ANONYMOUS;
    private long expiresAtMs = Long.MAX_VALUE;
    private boolean over;
    private boolean put;

    Proof(AmqpConnection connection, Protocol.Channel channel, Protocol.Host host) {
        this.connection = connection;
        this.channel = channel;
        this.host = host;
        this.expiry = new Deadline(channel.loop());
    }

    /** The peer has proven who it is. */
    void given(Identity proven, long untilMs) {
        identity = proven;
        expiresAtMs = untilMs;
        if (untilMs < Long.MAX_VALUE) {
            expiry.in(Math.max(0, untilMs - channel.loop().now()), this::expired);
        }
    }

    Identity identity() {
        return identity;
    }

    /** Whether the peer has put a token at {@code $cbs} that was good. */
    boolean wasPut() {
        return put;
    }

    /** The connection is gone. */
    void over() {
        over = true;
        expiry.cancel();
    }

    private void expired() {
        fail("the proof of who you are has expired; connect again with a new one");
    }

    private void fail(String description) {
        connection.fail(new ConnectionError(AmqpError.UNAUTHORIZED_ACCESS, description));
    }

    @Override
    public CompletionStage<Void> renew(byte[] token) {
        Login login = login("user and password need no renewal");
        needsToken();
        var renewed = new CompletableFuture<Void>();
        check(login, new String(token, ISO_8859_1), renewed, accepted -> {
            if (accepted == null) {
                fail("the new token is not good, the log of the broker says why; connect again with one that is");
            } else if (isBearer(accepted.identity())) {
                given(identity, accepted.expiresAtMs());
                renewed.complete(null);
            } else {
                fail("the new token is of another user, or has other roles than this connection began with; connect"
                        + " again with it");
            }
        });
        return renewed;
    }

    @Override
    public CompletionStage<Void> put(String token) {
        Login login = login("give 'tokens' (keys, issuer and audience) in the broker's configuration");
        if (!isAnonymous()) {
            needsToken();
        }
        var told = new CompletableFuture<Void>();
        check(login, token, told, accepted -> {
            if (accepted == null) {
                told.completeExceptionally(
                        refused(Condition.UNAUTHORIZED, "the token is not good; the log of the broker says why"));
            } else if (isBearer(accepted.identity())) {
                given(identity, accepted.expiresAtMs());
                put = true;
                told.complete(null);
            } else if (isAnonymous() && !connection.links().used()) {
                connection.becomes(accepted.identity());
                given(accepted.identity(), accepted.expiresAtMs());
                put = true;
                told.complete(null);
            } else {
                told.completeExceptionally(refused(Condition.UNAUTHORIZED, other()));
            }
        });
        return told;
    }

    private String other() {
        return isAnonymous()
                ? "the connection has attached other links as user anonymous; put the first token before them"
                : "the token is of another user, or has other roles than the one before; connect again with it";
    }

    private Login login(String remedy) {
        Login login = host.login(channel);
        if (!login.mechanisms().contains(MECHANISM)) {
            throw refused(Condition.NOT_IMPLEMENTED, "no tokens are taken here; " + remedy);
        }
        return login;
    }

    private void needsToken() {
        if (expiresAtMs == Long.MAX_VALUE) {
            throw refused(
                    Condition.NOT_ALLOWED,
                    "the connection began with " + identity.mechanism() + " and no token: there is nothing to renew");
        }
    }

    private boolean isAnonymous() {
        return identity.name().equals(Identity.ANONYMOUS.name());
    }

    private boolean isBearer(Identity bearer) {
        return bearer.name().equals(identity.name()) && bearer.roles().equals(identity.roles());
    }

    /** Has a token checked as at a login; null is given for one that is not good. */
    private void check(
            Login login, String token, CompletableFuture<Void> told, Consumer<Login.Step.@Nullable Accepted> decided) {
        String message = "user=\u0001auth=Bearer " + token + "\u0001\u0001";
        login.begin(MECHANISM, message.getBytes(ISO_8859_1), step -> {
            if (over) {
                return;
            }
            if (step instanceof Login.Step.Refused no && no.reason() != Login.Reason.CREDENTIALS) {
                told.completeExceptionally(
                        refused(Condition.UNAVAILABLE, "the token could not be checked now; try again"));
            } else {
                decided.accept(step instanceof Login.Step.Accepted accepted ? accepted : null);
            }
        });
    }

    private static RefusedException refused(Condition condition, String description) {
        return new RefusedException(new Refusal(condition, description));
    }
}
