package io.turnstone.broker.security;

import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Login;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The mechanisms of one listener, for one connection. Owned by its loop. */
public final class SaslLogin implements Login {

    /** What every mechanism needs at most, but for tokens. */
    private static final int SMALL_MESSAGE = 512;

    private static final byte[] NOTHING = new byte[0];

    private final Offer offer;
    private final Logins logins;
    private final String remoteAddress;
    private final Loop loop;
    private @Nullable ScramExchange scram;
    private boolean abandoned;

    /**
     * Offers mechanisms to one peer.
     *
     * @param offer what it may choose from, and who may come
     * @param logins checks, and slows those who guess
     */
    public SaslLogin(Offer offer, Logins logins, String remoteAddress, Loop loop) {
        this.offer = offer;
        this.logins = logins;
        this.remoteAddress = remoteAddress;
        this.loop = loop;
    }

    @Override
    public List<String> mechanisms() {
        return offer.mechanisms().stream().map(Mechanism::label).toList();
    }

    @Override
    public int maxMessageBytes() {
        return offer.tokens().isPresent() ? Tokens.MAX_BYTES : SMALL_MESSAGE;
    }

    @Override
    public void begin(String name, byte @Nullable [] response, Answer answer) {
        Mechanism mechanism =
                Mechanism.of(name).filter(offer.mechanisms()::contains).orElse(null);
        if (mechanism == null) {
            refuse("", "mechanism " + Logins.printable(name) + " is not offered", Reason.CREDENTIALS, answer);
        } else if (!offer.works(mechanism)) {
            refuse("", "mechanism " + name + " is offered, but nobody can use it", Reason.UNAVAILABLE, answer);
        } else {
            byte[] message = response == null ? NOTHING : response;
            switch (mechanism) {
                case ANONYMOUS -> answer.answered(new Step.Accepted(Identity.ANONYMOUS, NOTHING, Long.MAX_VALUE));
                case PLAIN -> plain(message, answer);
                case SCRAM_SHA_256 -> scram(ScramHash.SHA_256, message, answer);
                case SCRAM_SHA_512 -> scram(ScramHash.SHA_512, message, answer);
                case XOAUTH2, OAUTHBEARER -> token(name, TokenMessage.token(message), answer);
                case EXTERNAL -> external(new String(message, StandardCharsets.UTF_8), answer);
            }
        }
    }

    /** The handshake of TLS has proven the certificate; what is left is to know whose it is. */
    private void external(String actingFor, Answer answer) {
        Optional<String> user = offer.users().certified(offer.certified(), remoteAddress);
        if (user.isPresent() && (actingFor.isEmpty() || actingFor.equals(user.get()))) {
            var identity = new Identity(user.get(), Mechanism.EXTERNAL.label());
            answer.answered(new Step.Accepted(identity, NOTHING, Long.MAX_VALUE));
        } else {
            refuse(actingFor, "no user for the certificate of " + offer.certified(), Reason.CREDENTIALS, answer);
        }
    }

    private void plain(byte[] message, Answer answer) {
        Optional<PlainMessage> read = PlainMessage.read(message);
        Arrays.fill(message, (byte) 0);
        if (read.isEmpty()) {
            refuse("", "not a message of PLAIN", Reason.CREDENTIALS, answer);
            return;
        }
        PlainMessage plain = read.get();
        if (offer.tokens().isPresent() && TokenMessage.looksLikeOne(plain.password())) {
            token(Mechanism.PLAIN.label(), Optional.of(String.valueOf(plain.password())), answer);
            return;
        }
        if (plain.user().isEmpty()) {
            refuse("", "no user is named", Reason.CREDENTIALS, answer);
            return;
        }
        logins.password(
                plain.user(),
                plain.password(),
                remoteAddress,
                loop,
                (identity, reason) -> decided(identity, reason, NOTHING, Long.MAX_VALUE, answer));
        Arrays.fill(plain.password(), '\0');
    }

    private void token(String mechanism, Optional<String> token, Answer answer) {
        if (token.isEmpty() || offer.tokens().isEmpty()) {
            refuse("", "not a message of " + mechanism, Reason.CREDENTIALS, answer);
            return;
        }
        var proof = new TokenProof(offer, offer.tokens().get(), mechanism, remoteAddress);
        logins.proof(
                "",
                remoteAddress,
                ignored -> proof.identity(token.get()),
                loop,
                (identity, reason) -> decided(identity, reason, NOTHING, proof.expiresAtMs(), answer));
    }

    private void scram(ScramHash hash, byte[] message, Answer answer) {
        var exchange = new ScramExchange(hash, offer.users());
        try {
            byte[] challenge = exchange.first(message);
            scram = exchange;
            answer.answered(new Step.Challenge(challenge));
        } catch (ScramExchange.Malformed e) {
            refuse(exchange.user(), String.valueOf(e.getMessage()), Reason.CREDENTIALS, answer);
        }
    }

    @Override
    public void respond(byte[] response, Answer answer) {
        ScramExchange exchange = Objects.requireNonNull(scram, "nothing was asked");
        scram = null;
        logins.proof(
                exchange.user(),
                remoteAddress,
                ignored -> exchange.proves(response) && offer.users().allowed(exchange.user(), remoteAddress)
                        ? Optional.of(new Identity(
                                exchange.user(), exchange.mechanism().label()))
                        : Optional.empty(),
                loop,
                (identity, reason) -> decided(identity, reason, exchange.signature(), Long.MAX_VALUE, answer));
    }

    @Override
    public void abandon() {
        abandoned = true;
    }

    private void decided(@Nullable Identity identity, Reason reason, byte[] message, long expiresAtMs, Answer answer) {
        if (!abandoned) {
            answer.answered(
                    identity == null ? new Step.Refused(reason) : new Step.Accepted(identity, message, expiresAtMs));
        }
    }

    private void refuse(String user, String why, Reason reason, Answer answer) {
        logins.refused(user, remoteAddress, why);
        answer.answered(new Step.Refused(reason));
    }
}
