package io.turnstone.amqp;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.codec.TransferFrame;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.message.AmqpMessageException;
import io.turnstone.amqp.message.MessageScan;
import io.turnstone.api.Body;
import io.turnstone.api.store.Spool;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.jspecify.annotations.Nullable;

/**
 * Puts the transfers of one incoming link together to messages; large ones go into a file while they come. Owned by the
 * loop of its connection.
 */
final class MessageAssembly {

    private static final byte[] NO_BYTES = {};

    /** Beyond its size, so much may a message count for because its transfers are tiny. */
    private static final int TINY_TRANSFERS_BYTES = 64 * 1024;

    private final IncomingLink link;
    private final AmqpSession session;
    private final LinkCredit credit;
    private @Nullable PartialMessage partial;

    MessageAssembly(IncomingLink link, LinkCredit credit) {
        this.link = link;
        this.session = link.session();
        this.credit = credit;
    }

    /** One transfer frame; the payload is read here and not kept. */
    void transfer(TransferFrame transfer, ByteBuffer payload) {
        PartialMessage begun = partial;
        if (begun == null) {
            begin(transfer);
            if (transfer.aborted) {
                link.aborted(transfer.resume, transfer.tag());
                return;
            }
            LocalTransaction within = within(transfer);
            if (!transfer.more && spoolFor(payload.remaining()) == null) {
                whole(transfer, payload, within);
                return;
            }
            begun = new PartialMessage(transfer, within);
            partial = begun;
            if (within != null) {
                within.partial(1);
            }
        } else {
            begun.check(transfer);
            checkTransaction(begun, transfer);
            if (transfer.aborted) {
                abandon();
                link.aborted(begun.resume(), begun.tag());
                return;
            }
        }
        add(begun, transfer, payload);
        if (!transfer.more) {
            forget(begun);
            complete(begun, begun.resume());
        }
    }

    /** Forgets what has come of an unfinished message. */
    void abandon() {
        PartialMessage begun = partial;
        if (begun != null) {
            forget(begun);
            SpoolingBody spooling = begun.spooling();
            if (spooling != null) {
                spooling.discard();
            }
        }
    }

    /** The checks of a delivery's first transfer. */
    private void begin(TransferFrame transfer) {
        if (!transfer.hasDeliveryId) {
            throw new LinkError(AmqpError.INVALID_FIELD, "the first transfer of a delivery must have a delivery-id");
        }
        if (!transfer.hasTag()) {
            throw new LinkError(AmqpError.INVALID_FIELD, "the first transfer of a delivery must have a delivery-tag");
        }
        if (transfer.hasMessageFormat && transfer.messageFormat != 0) {
            throw new LinkError(
                    AmqpError.NOT_IMPLEMENTED,
                    "message-format " + Integer.toUnsignedString(transfer.messageFormat) + " is not known; use 0");
        }
        boolean settled = transfer.hasSettled && transfer.settled;
        if (transfer.rcvSettleMode == 1 && !settled && !link.second()) {
            throw new LinkError(
                    AmqpError.NOT_ALLOWED,
                    "a transfer asks for rcv-settle-mode second, but the link was attached with first; leave the field out");
        }
        // A sender may resume before it has read how much credit there is; only what we know is of interest then.
        if (!credit.take() && !transfer.resume) {
            throw new LinkError(
                    Symbols.TRANSFER_LIMIT_EXCEEDED,
                    "delivery " + Integer.toUnsignedString(transfer.deliveryId)
                            + " came without credit; wait for a flow before sending more");
        }
        link.begins(transfer.resume, transfer.rcvSettleMode == 0);
    }

    /** The transaction in which a delivery is posted (part 4, section 4.4.1), or null. */
    private @Nullable LocalTransaction within(TransferFrame transfer) {
        return transfer.state() instanceof TransactionalState state
                ? session.connection().transactions().get(state.getTxnId())
                : null;
    }

    private static void checkTransaction(PartialMessage begun, TransferFrame transfer) {
        if (transfer.state() instanceof TransactionalState state) {
            Binary id = begun.within == null ? null : begun.within.id();
            if (!state.getTxnId().equals(id)) {
                throw new LinkError(
                        AmqpError.NOT_ALLOWED, "the transfers of one delivery must belong to one transaction");
            }
        }
    }

    private void whole(TransferFrame transfer, ByteBuffer payload, @Nullable LocalTransaction within) {
        checkSize(payload.remaining());
        var bytes = new byte[payload.remaining()];
        payload.get(bytes);
        boolean settled = transfer.hasSettled && transfer.settled;
        byte[] tag = link.needsTag(settled) || transfer.resume ? transfer.tag() : NO_BYTES;
        link.arrived(bytes, transfer.deliveryId, settled, transfer.resume, tag, within);
    }

    private void add(PartialMessage begun, TransferFrame transfer, ByteBuffer payload) {
        int frameBytes = payload.remaining();
        checkSize(begun.size() + frameBytes);
        int charge = PartialMessage.charge(payload);
        if (begun.charged() + charge > session.settings().maxMessageBytes() + TINY_TRANSFERS_BYTES) {
            throw new LinkError(
                    AmqpError.RESOURCE_LIMIT_EXCEEDED, "a message comes in too many tiny transfers; fill the frames");
        }
        boolean onHeap = begun.spooling() == null;
        if (onHeap) {
            session.connection().limits().partial(charge);
        }
        begun.add(transfer, payload);
        Spool spool = onHeap ? spoolFor(begun.size()) : null;
        if (spool != null) {
            spool(begun, spool, frameBytes);
        }
    }

    /** Where a message of that size belongs; null for the heap. */
    private @Nullable Spool spoolFor(long size) {
        return size > session.settings().spoolBytes()
                ? session.connection().spooling().spool()
                : null;
    }

    private void spool(PartialMessage begun, Spool spool, int frameBytes) {
        byte[] bytes = begun.join();
        var scan = new MessageScan();
        boolean durable;
        try {
            durable = scan.durable(new Body.Inline(bytes, 0, Math.min(bytes.length, Spool.HEAD_BYTES)));
        } catch (AmqpMessageException malformed) {
            throw new LinkError(AmqpError.DECODE_ERROR, String.valueOf(malformed.getMessage()));
        }
        Body.Inline head = Body.Inline.of(Arrays.copyOf(bytes, scan.headSize()));
        begun.spool(new SpoolingBody(session, spool, head, durable, frameBytes), bytes);
        session.connection().limits().partial(-begun.charged());
    }

    private void checkSize(long size) {
        long most = link.maxMessageBytes();
        if (size > most) {
            throw new LinkError(
                    Symbols.MESSAGE_SIZE_EXCEEDED,
                    "a message of more than " + most + " bytes, the max-message-size of the link; send smaller ones");
        }
    }

    private void forget(PartialMessage begun) {
        partial = null;
        if (begun.within != null) {
            begun.within.partial(-1);
        }
        if (begun.spooling() == null) {
            session.connection().limits().partial(-begun.charged());
        }
    }

    private void complete(PartialMessage begun, boolean resume) {
        SpoolingBody spooling = begun.spooling();
        if (spooling == null) {
            link.arrived(begun.join(), begun.deliveryId(), begun.settled(), resume, begun.tag(), begun.within);
        } else if (resume) {
            spooling.discard();
            link.resumed(begun.tag(), begun.deliveryId(), begun.settled());
        } else {
            link.arrived(
                    new Arrival(begun.deliveryId(), begun.settled(), begun.tag(), NO_BYTES, spooling, begun.within));
        }
    }
}
