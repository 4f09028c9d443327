package io.turnstone.amqp.terms;

import io.turnstone.amqp.error.LinkError;
import java.util.Map;
import java.util.Set;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.AmqpError;

/**
 * The filters a consumer asks for. None is offered: one we do not know is left out of our answer (part 3, section 3.5.1),
 * but one that we know to choose messages refuses the link, because a consumer that overlooks the answer would take and
 * settle messages that are not for it.
 */
public final class Filters {

    private static final Set<Object> KNOWN = Set.of(
            Symbol.valueOf("apache.org:legacy-amqp-direct-binding:string"),
            UnsignedLong.valueOf(0x0000468C00000000L),
            Symbol.valueOf("apache.org:legacy-amqp-topic-binding:string"),
            UnsignedLong.valueOf(0x0000468C00000001L),
            Symbol.valueOf("apache.org:legacy-amqp-headers-binding:map"),
            UnsignedLong.valueOf(0x0000468C00000002L),
            Symbol.valueOf("apache.org:no-local-filter:list"),
            UnsignedLong.valueOf(0x0000468C00000003L),
            Symbol.valueOf("apache.org:selector-filter:string"),
            UnsignedLong.valueOf(0x0000468C00000004L),
            Symbol.valueOf("apache.org:xquery-filter:string"),
            UnsignedLong.valueOf(0x0000468C00000005L),
            Symbol.valueOf("amqp:sql-filter"),
            UnsignedLong.valueOf(0x120),
            Symbol.valueOf("amqp:properties-filter"),
            UnsignedLong.valueOf(0x173),
            Symbol.valueOf("amqp:application-properties-filter"),
            UnsignedLong.valueOf(0x174));

    private Filters() {}

    /** Refuses the link if a filter would have to choose its messages. */
    public static void check(Source source) {
        Map<?, ?> filters = source.getFilter();
        if (filters == null) {
            return;
        }
        for (Map.Entry<?, ?> filter : filters.entrySet()) {
            if (filter.getValue() instanceof DescribedType described && KNOWN.contains(described.getDescriptor())) {
                throw new LinkError(
                        AmqpError.NOT_IMPLEMENTED,
                        "filter '" + filter.getKey() + "' (" + described.getDescriptor()
                                + ") is not offered; consume without it, or route by exchange and binding");
            }
        }
    }
}
