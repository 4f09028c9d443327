package io.turnstone.fuzz;

import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Login;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets anybody in who names a mechanism it offers, one of them after a question. */
final class FuzzLogin implements Login {

    @Override
    public List<String> mechanisms() {
        return List.of("ASKING", "PLAIN", "ANONYMOUS");
    }

    @Override
    public int maxMessageBytes() {
        return 512;
    }

    @Override
    public void begin(String mechanism, byte @Nullable [] response, Answer answer) {
        answer.answered(
                switch (mechanism) {
                    case "ASKING" -> new Step.Challenge(new byte[] {'?'});
                    case "PLAIN", "ANONYMOUS" -> accepted(mechanism);
                    default -> new Step.Refused(Reason.CREDENTIALS);
                });
    }

    @Override
    public void respond(byte[] response, Answer answer) {
        answer.answered(accepted("ASKING"));
    }

    private static Step accepted(String mechanism) {
        return new Step.Accepted(new Identity("fuzz", mechanism), new byte[0], Long.MAX_VALUE);
    }

    @Override
    public void abandon() {}
}
