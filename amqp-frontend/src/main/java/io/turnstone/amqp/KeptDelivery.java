package io.turnstone.amqp;

import io.turnstone.amqp.terms.Expiry;
import io.turnstone.api.Loop;
import io.turnstone.api.Router;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;

/**
 * An accepted delivery of a link whose target keeps its unsettled state over restarts, as it stands in the store: together
 * with the message, so that one is there if and only if the other was. Immutable.
 *
 * @param link over which it came
 * @param tag that it has there
 * @param expiry how long the link is kept
 */
record KeptDelivery(LinkKey link, Binary tag, Expiry expiry) {

    private static final String PREFIX = "amqp:delivery:";
    private static final int LONGEST_NAME = 8 * 1024;
    private static final byte VERSION = 1;
    /** In the order in which their numbers are stored. */
    private static final List<TerminusExpiryPolicy> POLICIES = List.of(
            TerminusExpiryPolicy.LINK_DETACH,
            TerminusExpiryPolicy.SESSION_END,
            TerminusExpiryPolicy.CONNECTION_CLOSE,
            TerminusExpiryPolicy.NEVER);

    /** Whether the names of a link are short enough for the store. */
    static boolean fits(LinkKey link) {
        return link.user().length()
                        + link.container().length()
                        + link.link().name().length()
                <= LONGEST_NAME;
    }

    /** Its name in the store. */
    String name() {
        var name = new StringBuilder(PREFIX);
        for (String part : List.of(link.user(), link.container(), link.link().name())) {
            name.append(part.length()).append(':').append(part);
        }
        byte[] bytes = new byte[tag.getLength()];
        tag.asByteBuffer().get(bytes);
        return name.append(HexFormat.of().formatHex(bytes)).toString();
    }

    /** What is stored under that name. */
    byte[] value() {
        return ByteBuffer.allocate(2 + Long.BYTES)
                .put(VERSION)
                .put((byte) POLICIES.indexOf(expiry.policy()))
                .putLong(expiry.timeoutMs())
                .array();
    }

    /** Whether something that is kept is such a delivery. */
    static boolean is(String name) {
        return name.startsWith(PREFIX);
    }

    /**
     * Reads it back.
     *
     * @throws IllegalArgumentException when it is none that this release knows
     */
    static KeptDelivery of(String name, byte[] value) {
        if (value.length != 2 + Long.BYTES || value[0] != VERSION || value[1] < 0 || value[1] >= POLICIES.size()) {
            throw new IllegalArgumentException("a delivery that was kept has another form than this release knows");
        }
        var parts = new String[3];
        int at = PREFIX.length();
        for (int i = 0; i < parts.length; i++) {
            int colon = name.indexOf(':', at);
            int end = colon + 1 + (colon < 0 ? 0 : Integer.parseInt(name.substring(at, colon)));
            if (colon < 0 || end > name.length()) {
                throw new IllegalArgumentException("the name of a delivery that was kept is cut off");
            }
            parts[i] = name.substring(colon + 1, end);
            at = end;
        }
        var fields = ByteBuffer.wrap(value, 1, value.length - 1);
        return new KeptDelivery(
                new LinkKey(parts[0], parts[1], new LinkName(parts[2], true)),
                new Binary(HexFormat.of().parseHex(name.substring(at))),
                new Expiry(POLICIES.get(fields.get()), fields.getLong(), TerminusDurability.UNSETTLED_STATE));
    }

    /** It is settled, and not needed any more. */
    void forget(Router router, Loop loop) {
        router.keep(name(), null, loop);
    }
}
