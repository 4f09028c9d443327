package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.Encodings;
import io.turnstone.amqp.codec.MalformedException;
import io.turnstone.amqp.codec.ProtonCodec;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.api.Body;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.Subscription.Selection;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.apache.qpid.proton.amqp.Symbol;

/**
 * AMQP messages with the filters that subscriptions keep: the filter set of a source in its encoding, names in order, as
 * Base64. Immutable, any thread.
 */
public final class KeptFilters implements MessageFormat {

    /** What the format of AMQP messages is called. */
    private static final String AMQP = "amqp-1.0";

    private final MessageFormat messages;

    /** The format of AMQP messages, with their filters. */
    public KeptFilters(MessageFormat messages) {
        if (!messages.id().equals(AMQP)) {
            throw new IllegalArgumentException("filters of " + AMQP + " do not read messages of " + messages.id());
        }
        this.messages = messages;
    }

    @Override
    public String id() {
        return AMQP;
    }

    @Override
    public Message read(Body body) {
        return messages.read(body);
    }

    @Override
    public Message own(Message message) {
        return messages.own(message);
    }

    @Override
    public MessageFilter filter(String text) {
        try {
            return Filters.again(decoded(text), System::currentTimeMillis).filter();
        } catch (LinkError | MalformedException wrong) {
            throw new IllegalArgumentException(wrong.getMessage(), wrong);
        }
    }

    /** What of the effective filters a subscription keeps: all of them. */
    static Selection selection(Filters filters) {
        if (filters.effective().isEmpty()) {
            return Selection.ALL;
        }
        ByteBuffer encoded = ProtonCodec.encode(new TreeMap<>(filters.effective()), 0);
        var bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        String text = Base64.getEncoder().withoutPadding().encodeToString(bytes);
        return new Selection(AMQP, text, filters.noLocal());
    }

    /** The filter set that is kept; empty when it is of another protocol. */
    @SuppressWarnings("unchecked") // written by selection
    static Map<Symbol, Object> decoded(Selection selection) {
        boolean ours = selection.format().equals(AMQP);
        return ours && !selection.filter().isEmpty() ? (Map<Symbol, Object>) decoded(selection.filter()) : Map.of();
    }

    private static Map<?, ?> decoded(String text) {
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text));
        Encodings.skip(bytes);
        if (ProtonCodec.decode(bytes.flip()) instanceof Map<?, ?> map) {
            return map;
        }
        throw new MalformedException("a filter set must be a map");
    }
}
