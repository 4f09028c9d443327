package io.turnstone.amqp;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.amqp.error.SessionError;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.jspecify.annotations.Nullable;

/** The links of one session by the peer's handles, and the handles of our own. Owned by the loop of its connection. */
final class LinkTable {

    private final int handleMax;
    private final long remoteHandleMax;
    private final BitSet ourHandles = new BitSet();
    /** Attached or attaching, whether or not they still have a handle of the peer's. */
    private final Set<Link> all = new LinkedHashSet<>();

    private @Nullable Link[] byHandle = new @Nullable Link[4];
    private int opening;

    /**
     * @param handleMax the highest handle the peer may use
     * @param remoteHandleMax the highest we may use
     */
    LinkTable(int handleMax, long remoteHandleMax) {
        this.handleMax = handleMax;
        this.remoteHandleMax = remoteHandleMax;
    }

    /** Whether the peer may attach with that handle. */
    void check(long handle) {
        if (handle > handleMax) {
            // Part 2, section 2.7.2, handle-max.
            throw ConnectionError.framing("handle " + handle + " must be at most " + handleMax + ", the handle-max");
        }
        if (handle < byHandle.length && byHandle[(int) handle] != null) {
            throw new SessionError(
                    Symbols.HANDLE_IN_USE, "handle " + handle + " is in use; detach its link first or take another");
        }
        if (opening > handleMax) {
            throw new SessionError(
                    AmqpError.RESOURCE_LIMIT_EXCEEDED,
                    opening + " links are being attached, which is the limit; wait for the answers");
        }
    }

    /** Adds a link whose handle was checked; it counts as opening. */
    void put(Link link) {
        int handle = link.remoteHandle();
        if (handle >= byHandle.length) {
            byHandle = Arrays.copyOf(byHandle, Math.min(handleMax + 1, Math.max(handle + 1, 2 * byHandle.length)));
        }
        byHandle[handle] = link;
        all.add(link);
        opening++;
    }

    /** A link is not opening any more. */
    void opened() {
        opening--;
    }

    /** The link with that handle of the peer's. */
    Link get(int handle) {
        Link link = handle >= 0 && handle < byHandle.length ? byHandle[handle] : null;
        if (link == null) {
            throw new SessionError(
                    Symbols.UNATTACHED_HANDLE,
                    "handle " + Integer.toUnsignedString(handle) + " is not attached; attach a link with it first");
        }
        return link;
    }

    /** Frees the peer's handle, and forgets the link if it has ended. */
    void remove(Link link) {
        if (byHandle[link.remoteHandle()] == link) {
            byHandle[link.remoteHandle()] = null;
        }
        if (link.state() == Link.State.ENDED) {
            all.remove(link);
        }
    }

    /** The lowest of our handles that is free. */
    int takeHandle() {
        int handle = ourHandles.nextClearBit(0);
        if (handle > remoteHandleMax) {
            throw new SessionError(
                    AmqpError.RESOURCE_LIMIT_EXCEEDED,
                    "the peer's handle-max of " + remoteHandleMax
                            + " leaves no handle for another link; detach one first, or begin with a higher one");
        }
        ourHandles.set(handle);
        return handle;
    }

    void freeHandle(int handle) {
        ourHandles.clear(handle);
    }

    /** Shows all links; they may go meanwhile. */
    void forEach(Consumer<Link> each) {
        List.copyOf(all).forEach(each);
    }
}
