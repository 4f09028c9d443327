package io.turnstone.amqp;

import io.turnstone.amqp.terms.Expiry;
import io.turnstone.api.Loop;
import io.turnstone.api.Router;
import java.util.HexFormat;
import org.apache.qpid.proton.amqp.Binary;

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

    /** Whether the names of a link are short enough for the store. */
    static boolean fits(LinkKey link) {
        return KeptLink.length(link) <= LONGEST_NAME;
    }

    /** Its name in the store. */
    String name() {
        byte[] bytes = new byte[tag.getLength()];
        tag.asByteBuffer().get(bytes);
        return PREFIX + new KeptLink(link, expiry).text() + HexFormat.of().formatHex(bytes);
    }

    /** What is stored under that name. */
    byte[] value() {
        return new KeptLink(link, expiry).note();
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
        String text = name.substring(PREFIX.length());
        KeptLink kept = KeptLink.of(text, true, value);
        String tag = text.substring(kept.text().length());
        return new KeptDelivery(kept.key(), new Binary(HexFormat.of().parseHex(tag)), kept.expiry());
    }

    /** It is settled, and not needed any more. */
    void forget(Router router, Loop loop) {
        router.keep(name(), null, loop);
    }
}
