package io.turnstone.amqp.codec;

import java.util.Arrays;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.LinkError;
import org.apache.qpid.proton.amqp.transport.SessionError;

/** Symbols of the protocol and of the conventions of existing clients. */
public final class Symbols {

    public static final Symbol WINDOW_VIOLATION = SessionError.WINDOW_VIOLATION;
    public static final Symbol ERRANT_LINK = SessionError.ERRANT_LINK;
    public static final Symbol HANDLE_IN_USE = SessionError.HANDLE_IN_USE;
    public static final Symbol UNATTACHED_HANDLE = SessionError.UNATTACHED_HANDLE;
    public static final Symbol TRANSFER_LIMIT_EXCEEDED = LinkError.TRANSFER_LIMIT_EXCEEDED;
    public static final Symbol MESSAGE_SIZE_EXCEEDED = LinkError.MESSAGE_SIZE_EXCEEDED;
    public static final Symbol STOLEN = LinkError.STOLEN;
    public static final Symbol CONNECTION_FORCED =
            org.apache.qpid.proton.amqp.transport.ConnectionError.CONNECTION_FORCED;

    public static final Symbol SHARED_SUBSCRIPTIONS = Symbol.valueOf("SHARED-SUBS");
    public static final Symbol ANONYMOUS_RELAY = Symbol.valueOf("ANONYMOUS-RELAY");
    public static final Symbol DELAYED_DELIVERY = Symbol.valueOf("DELAYED_DELIVERY");
    public static final Symbol SOLE_CONNECTION = Symbol.valueOf("sole-connection-for-container");
    public static final Symbol SOLE_CONNECTION_POLICY = Symbol.valueOf("sole-connection-enforcement-policy");
    public static final Symbol SOLE_CONNECTION_ENFORCEMENT = Symbol.valueOf("sole-connection-enforcement");
    public static final Symbol ESTABLISHMENT_FAILED = Symbol.valueOf("amqp:connection-establishment-failed");
    public static final Symbol INVALID_FIELD_INFO = Symbol.valueOf("invalid-field");
    public static final Symbol CONTAINER_ID = Symbol.valueOf("container-id");
    public static final Symbol DELIVERY_TAG = Symbol.valueOf("delivery-tag");

    public static final Symbol LINK_PAIR = Symbol.valueOf("LINK_PAIR_V1_0");
    public static final Symbol PAIRED = Symbol.valueOf("paired");
    public static final Symbol TXN_ID = Symbol.valueOf("txn-id");

    public static final Symbol PRODUCT = Symbol.valueOf("product");
    public static final Symbol VERSION = Symbol.valueOf("version");
    public static final Symbol PLATFORM = Symbol.valueOf("platform");
    public static final Symbol NODE = Symbol.valueOf("node");

    public static final Symbol QUEUE = Symbol.valueOf("queue");
    public static final Symbol TOPIC = Symbol.valueOf("topic");
    public static final Symbol TEMPORARY_QUEUE = Symbol.valueOf("temporary-queue");
    public static final Symbol TEMPORARY_TOPIC = Symbol.valueOf("temporary-topic");
    public static final Symbol SHARED = Symbol.valueOf("shared");
    public static final Symbol GLOBAL = Symbol.valueOf("global");
    public static final Symbol REJECT_UNROUTABLE = Symbol.valueOf("REJECT_UNROUTABLE");
    public static final Symbol DISCARD_UNROUTABLE = Symbol.valueOf("DISCARD_UNROUTABLE");
    public static final Symbol LIFETIME_POLICY = Symbol.valueOf("lifetime-policy");
    public static final Symbol SUPPORTED_DIST_MODES = Symbol.valueOf("supported-dist-modes");
    public static final Symbol MOVE = Symbol.valueOf("move");
    public static final Symbol COPY = Symbol.valueOf("copy");
    public static final Symbol RABBITMQ_PRIORITY = Symbol.valueOf("rabbitmq:priority");
    public static final Symbol RABBITMQ_ACTIVE = Symbol.valueOf("rabbitmq:active");
    public static final Symbol PRIORITY = Symbol.valueOf("priority");

    /** What filters are offered (see docs/filters.md). */
    private static final Symbol[] FILTERS = {
        Symbol.valueOf("AMQP_FILTEX_PROP_V1_0"),
        Symbol.valueOf("AMQP_FILTEX_SQL_V1_0"),
        Symbol.valueOf("APACHE.ORG:SELECTOR"),
        Symbol.valueOf("APACHE.ORG:NO_LOCAL"),
        Symbol.valueOf("APACHE.ORG:LEGACY_AMQP_EXCHANGE_FILTERS")
    };

    public static final Symbol PLAIN = Symbol.valueOf("PLAIN");
    public static final Symbol ANONYMOUS = Symbol.valueOf("ANONYMOUS");

    private Symbols() {}

    /** The capabilities of one who offers filters, behind others. */
    public static Symbol[] withFilters(Symbol... others) {
        Symbol[] all = Arrays.copyOf(others, others.length + FILTERS.length);
        System.arraycopy(FILTERS, 0, all, others.length, FILTERS.length);
        return all;
    }
}
