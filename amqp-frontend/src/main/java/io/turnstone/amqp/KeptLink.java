package io.turnstone.amqp;

import io.turnstone.amqp.terms.Expiry;
import io.turnstone.api.ConsumerRequest;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;

/**
 * A link whose unsettled state survives the broker, as the store knows it: its name, and how long it is kept. Immutable.
 *
 * @param key which link
 * @param expiry how long it is kept
 */
record KeptLink(LinkKey key, Expiry expiry) {

    /** Characters of user, container-id and link name together, where each message in the store is named by them. */
    static final int LONGEST_CLAIM = 1024;

    private static final String CLAIM = "amqp:source:";
    private static final byte VERSION = 1;
    private static final int NOTE_BYTES = 2 + Long.BYTES;
    private static final int PARTS = 3;

    /** In the order in which their numbers are stored. */
    private static final List<TerminusExpiryPolicy> POLICIES = List.of(
            TerminusExpiryPolicy.LINK_DETACH,
            TerminusExpiryPolicy.SESSION_END,
            TerminusExpiryPolicy.CONNECTION_CLOSE,
            TerminusExpiryPolicy.NEVER);

    /** How long the names of a link are, in characters. */
    static int length(LinkKey key) {
        return key.user().length()
                + key.container().length()
                + key.link().name().length();
    }

    /** What a source holds its deliveries under. */
    ConsumerRequest.Claim claim() {
        return new ConsumerRequest.Claim(CLAIM + text(), note());
    }

    /** Whether a claim is that of a source. */
    static boolean claims(String name) {
        return name.startsWith(CLAIM);
    }

    /**
     * The source whose claim that is.
     *
     * @throws IllegalArgumentException when it is none that this release knows
     */
    static KeptLink ofClaim(String name, byte[] note) {
        return of(name.substring(CLAIM.length()), false, note);
    }

    /** The names of the link: each its length, a colon and itself. */
    String text() {
        var text = new StringBuilder();
        for (String part : List.of(key.user(), key.container(), key.link().name())) {
            text.append(part.length()).append(':').append(part);
        }
        return text.toString();
    }

    /** How long it is kept. */
    byte[] note() {
        return ByteBuffer.allocate(NOTE_BYTES)
                .put(VERSION)
                .put((byte) POLICIES.indexOf(expiry.policy()))
                .putLong(expiry.timeoutMs())
                .array();
    }

    /**
     * Reads it back.
     *
     * @param text begins with its names
     * @throws IllegalArgumentException when it is none that this release knows
     */
    static KeptLink of(String text, boolean incoming, byte[] note) {
        if (note.length != NOTE_BYTES || note[0] != VERSION || note[1] < 0 || note[1] >= POLICIES.size()) {
            throw new IllegalArgumentException("a link that was kept has another form than this release knows");
        }
        var parts = new String[PARTS];
        int at = 0;
        for (int i = 0; i < parts.length; i++) {
            int colon = text.indexOf(':', at);
            int end = colon + 1 + (colon < 0 ? 0 : Integer.parseInt(text.substring(at, colon)));
            if (colon < 0 || end > text.length()) {
                throw new IllegalArgumentException("the name of a link that was kept is cut off");
            }
            parts[i] = text.substring(colon + 1, end);
            at = end;
        }
        var fields = ByteBuffer.wrap(note, 1, note.length - 1);
        return new KeptLink(
                new LinkKey(parts[0], parts[1], new LinkName(parts[2], incoming)),
                new Expiry(POLICIES.get(fields.get()), fields.getLong(), TerminusDurability.UNSETTLED_STATE));
    }
}
