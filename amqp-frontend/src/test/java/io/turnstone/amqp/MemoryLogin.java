package io.turnstone.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Login;
import java.util.List;
import java.util.Map;

/**
 * Knows {@code guest} with password {@code guest} for PLAIN, a mechanism TWICE that asks two questions and says something
 * at the end, and for each reason a mechanism that is refused for it. Others are wrong credentials.
 */
final class MemoryLogin implements Login {

    static final long TWICE_EXPIRES_MS = 60_000;
    static final long TOKEN_EXPIRES_MS = 30_000;

    private final Loop loop;
    private final boolean anonymous;
    private final boolean slow;
    private final int longest;
    private int asked;
    boolean abandoned;
    /** Whom tokens mean, for XOAUTH2; without any it is not offered. */
    Map<String, Identity> tokens = Map.of();

    MemoryLogin(Loop loop, boolean anonymous, boolean slow, int longest) {
        this.loop = loop;
        this.anonymous = anonymous;
        this.slow = slow;
        this.longest = longest;
    }

    @Override
    public List<String> mechanisms() {
        if (!tokens.isEmpty()) {
            return List.of("XOAUTH2", "PLAIN", "ANONYMOUS");
        }
        return anonymous ? List.of("TWICE", "PLAIN", "ANONYMOUS") : List.of("TWICE", "PLAIN");
    }

    @Override
    public int maxMessageBytes() {
        return longest;
    }

    @Override
    public void begin(String mechanism, byte[] response, Answer answer) {
        if (slow) {
            loop.schedule(50, () -> answer.answered(first(mechanism, response)));
        } else {
            answer.answered(first(mechanism, response));
        }
    }

    private Step first(String mechanism, byte[] response) {
        String said = response == null ? "nothing" : new String(response, UTF_8);
        return switch (mechanism) {
            case "ANONYMOUS" -> anonymous ? accepted(Identity.ANONYMOUS, "", Long.MAX_VALUE) : refused("CREDENTIALS");
            case "PLAIN" ->
                said.startsWith("\0guest\0guest")
                        ? accepted(new Identity("guest", "PLAIN"), "", Long.MAX_VALUE)
                        : refused("CREDENTIALS");
            case "TWICE" -> challenge(said);
            case "XOAUTH2" -> token(said);
            default -> refused(mechanism);
        };
    }

    @Override
    public void respond(byte[] response, Answer answer) {
        String said = new String(response, UTF_8);
        answer.answered(
                asked == 1
                        ? challenge(said)
                        : accepted(new Identity("twice", "TWICE"), "and " + said, loop.now() + TWICE_EXPIRES_MS));
    }

    private Step token(String said) {
        String prefix = "user=\u0001auth=Bearer ";
        Identity bearer = said.startsWith(prefix)
                ? tokens.get(said.substring(prefix.length()).replace("\u0001", ""))
                : null;
        return bearer == null ? refused("CREDENTIALS") : accepted(bearer, "", loop.now() + TOKEN_EXPIRES_MS);
    }

    private Step challenge(String said) {
        asked++;
        return new Step.Challenge((said + "?").getBytes(UTF_8));
    }

    private static Step accepted(Identity identity, String message, long expiresAtMs) {
        return new Step.Accepted(identity, message.getBytes(UTF_8), expiresAtMs);
    }

    private static Step refused(String reason) {
        for (Reason known : Reason.values()) {
            if (known.name().equals(reason)) {
                return new Step.Refused(known);
            }
        }
        return new Step.Refused(Reason.CREDENTIALS);
    }

    @Override
    public void abandon() {
        abandoned = true;
    }
}
