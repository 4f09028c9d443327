package io.turnstone.amqp;

import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.LinkError;
import org.apache.qpid.proton.amqp.transport.SessionError;

/** Symbols of the protocol and of the conventions of existing clients. */
final class Symbols {

    static final Symbol WINDOW_VIOLATION = SessionError.WINDOW_VIOLATION;
    static final Symbol ERRANT_LINK = SessionError.ERRANT_LINK;
    static final Symbol HANDLE_IN_USE = SessionError.HANDLE_IN_USE;
    static final Symbol UNATTACHED_HANDLE = SessionError.UNATTACHED_HANDLE;
    static final Symbol TRANSFER_LIMIT_EXCEEDED = LinkError.TRANSFER_LIMIT_EXCEEDED;
    static final Symbol MESSAGE_SIZE_EXCEEDED = LinkError.MESSAGE_SIZE_EXCEEDED;
    static final Symbol STOLEN = LinkError.STOLEN;
    static final Symbol CONNECTION_FORCED = org.apache.qpid.proton.amqp.transport.ConnectionError.CONNECTION_FORCED;

    static final Symbol ANONYMOUS_RELAY = Symbol.valueOf("ANONYMOUS-RELAY");
    static final Symbol SOLE_CONNECTION = Symbol.valueOf("sole-connection-for-container");
    static final Symbol SOLE_CONNECTION_POLICY = Symbol.valueOf("sole-connection-enforcement-policy");
    static final Symbol SOLE_CONNECTION_ENFORCEMENT = Symbol.valueOf("sole-connection-enforcement");
    static final Symbol ESTABLISHMENT_FAILED = Symbol.valueOf("amqp:connection-establishment-failed");
    static final Symbol INVALID_FIELD_INFO = Symbol.valueOf("invalid-field");
    static final Symbol CONTAINER_ID = Symbol.valueOf("container-id");
    static final Symbol DELIVERY_TAG = Symbol.valueOf("delivery-tag");

    static final Symbol PRODUCT = Symbol.valueOf("product");
    static final Symbol VERSION = Symbol.valueOf("version");
    static final Symbol PLATFORM = Symbol.valueOf("platform");
    static final Symbol NODE = Symbol.valueOf("node");

    static final Symbol REJECT_UNROUTABLE = Symbol.valueOf("REJECT_UNROUTABLE");
    static final Symbol DISCARD_UNROUTABLE = Symbol.valueOf("DISCARD_UNROUTABLE");
    static final Symbol LIFETIME_POLICY = Symbol.valueOf("lifetime-policy");
    static final Symbol SUPPORTED_DIST_MODES = Symbol.valueOf("supported-dist-modes");
    static final Symbol MOVE = Symbol.valueOf("move");
    static final Symbol COPY = Symbol.valueOf("copy");
    static final Symbol RABBITMQ_PRIORITY = Symbol.valueOf("rabbitmq:priority");
    static final Symbol PRIORITY = Symbol.valueOf("priority");

    static final Symbol PLAIN = Symbol.valueOf("PLAIN");
    static final Symbol ANONYMOUS = Symbol.valueOf("ANONYMOUS");

    private Symbols() {}
}
