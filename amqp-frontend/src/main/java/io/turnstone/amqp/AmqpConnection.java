package io.turnstone.amqp;

import io.turnstone.amqp.codec.DispositionFrame;
import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.FrameReader;
import io.turnstone.amqp.codec.FrameSink;
import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.codec.PerformativeCodec;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.codec.TransferFrame;
import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.error.SessionError;
import io.turnstone.amqp.terms.Termini;
import io.turnstone.api.Condition;
import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.Peer;
import io.turnstone.api.Refusal;
import io.turnstone.api.Router;
import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Open;
import org.jspecify.annotations.Nullable;

/**
 * One AMQP 1.0 connection (part 2, section 2.4): headers, security layer, open, and from then on one switch over the
 * performatives. The one place where a mistake of the peer becomes a detach, end or close. Owned by its loop.
 */
final class AmqpConnection implements Protocol.Connection, FrameSink, Handshake.Ended {

    private static final Logger LOG = LogManager.getLogger(AmqpConnection.class);

    /** How long a peer may take to answer our close, and publishes to end when the broker stops. */
    private static final long FAREWELL_MS = 2_000;

    private enum State {
        /** Headers, and perhaps a security layer. */
        HANDSHAKE,
        /** Headers are exchanged; the peer's open is awaited. */
        OPENING,
        OPENED,
        /** We sent a close; the peer's own is awaited and all else discarded. */
        CLOSING,
        /** Nothing is read or written any more. */
        ENDED
    }

    private final Protocol.Channel channel;
    private final Protocol.Host host;
    private final AmqpSettings settings;
    private final Presence presence;
    private final Loop loop;
    private final PerformativeCodec codec = new PerformativeCodec();
    private final FrameReader reader = new FrameReader(SaslExchange.MAX_FRAME_SIZE);
    private final TransferFrame transfer = new TransferFrame();
    private final FlowFrame flow = new FlowFrame(codec);
    private final DispositionFrame disposition = new DispositionFrame(codec);
    private final FrameWriter out;
    private final Deadline deadline;
    private final Proof proof;
    private final IdleTimeout idle;
    private final Handshake handshake;
    private final TurnEnd turnEnd;
    private final ConnectionLimits limits;
    private final Spooling spooling;
    private final SessionTable sessions;
    private final LinkNames links = new LinkNames(this);
    private final LastingLinks lasting;
    private final LingeringLinks lingering = new LingeringLinks();
    private final KeptSubscriptions kept = new KeptSubscriptions(this);
    private final Transactions transactions = new Transactions(this);
    private final Failures failures;
    private final Strangers strangers;

    private State state = State.HANDSHAKE;
    private @Nullable RemoteOpen remote;
    private boolean stopping;
    private int publishing;

    AmqpConnection(Protocol.Channel channel, Protocol.Host host, AmqpSettings settings, SharedState shared) {
        this.channel = channel;
        this.host = host;
        this.settings = settings;
        this.strangers = shared.strangers();
        this.lasting = shared.lasting();
        this.presence = new Presence(this, host, shared.soleConnections());
        this.loop = channel.loop();
        this.out = new FrameWriter(channel, codec);
        this.deadline = new Deadline(loop);
        this.proof = new Proof(this, channel, host);
        this.idle = new IdleTimeout(loop, out, settings.idleTimeoutMs(), this::silent);
        this.handshake = new Handshake(channel, host, reader, out, this);
        this.sessions = new SessionTable(settings.channelMax());
        this.failures = new Failures(this, loop, channel.remoteAddress());
        this.turnEnd = new TurnEnd(channel, sessions, failures, this::turnEnded);
        this.spooling = new Spooling(host.spool().orElse(null), sessions, channel);
        this.limits = new ConnectionLimits(loop, settings, spooling.spool() != null);
        if (settings.handshakeLimitMs() > 0) {
            deadline.in(settings.handshakeLimitMs(), () -> end("the peer did not open in time"));
        }
    }

    // Bytes in.

    @Override
    public void received(ByteBuffer bytes) {
        assert loop.inLoop();
        idle.received();
        boolean more = true;
        while (more) {
            more = advance(bytes);
        }
    }

    private boolean advance(ByteBuffer bytes) {
        try {
            return step(bytes);
        } catch (RuntimeException failure) {
            failures.of(failure);
            // What came with it is discarded frame by frame: the peer's close may be among it, or half a frame at its
            // end.
            return true;
        }
    }

    private boolean step(ByteBuffer bytes) {
        if (state == State.HANDSHAKE) {
            handshake.hold(bytes);
            return bytes.hasRemaining() && handshake.advance(bytes, this);
        }
        return state != State.ENDED && bytes.hasRemaining() && reader.next(bytes, this);
    }

    @Override
    public void established(Identity proven, long expiresAtMs) {
        proof.given(proven, expiresAtMs);
        reader.maxFrameSize(settings.maxFrameSize());
        state = State.OPENING;
    }

    @Override
    public void failed(String reason) {
        strangers.turnedAway(channel.remoteAddress(), reason, loop.steadyMs());
        end("");
    }

    @Override
    public void resumed(ByteBuffer ahead) {
        received(ahead);
    }

    @Override
    public void heartbeat() {
        if (state == State.HANDSHAKE) {
            throw ConnectionError.framing("an empty frame came before the SASL outcome");
        }
    }

    @Override
    public void frame(int type, int number, ByteBuffer body) {
        if ((type == FrameReader.SASL) != (state == State.HANDSHAKE)) {
            throw ConnectionError.framing("a frame of type " + type
                    + " is not expected here: SASL (1) ends with its outcome, AMQP (0) begins then");
        }
        if (state == State.HANDSHAKE) {
            handshake.sasl(body, codec);
            return;
        }
        int kind = PerformativeCodec.kind(body);
        if (state == State.OPENED) {
            performative(kind, number, body);
        } else if (state == State.OPENING) {
            if (kind != PerformativeCodec.OPEN || number != 0) {
                throw new ConnectionError(AmqpError.NOT_ALLOWED, "the first frame must be an open on channel 0");
            }
            open((Open) codec.decode(body));
        } else if (kind == PerformativeCodec.CLOSE) {
            end("");
        }
    }

    private void performative(int kind, int number, ByteBuffer body) {
        AmqpSession session = null;
        try {
            switch (kind) {
                case PerformativeCodec.TRANSFER -> {
                    session = sessions.get(number);
                    transfer.decode(body);
                    session.transfer(transfer, body);
                }
                case PerformativeCodec.DISPOSITION -> {
                    session = sessions.get(number);
                    disposition.decode(body);
                    session.disposition(disposition);
                }
                case PerformativeCodec.FLOW -> {
                    session = sessions.get(number);
                    flow.decode(body);
                    session.flow(flow);
                }
                case PerformativeCodec.OPEN ->
                    throw new ConnectionError(AmqpError.NOT_ALLOWED, "a second open came on this connection");
                case PerformativeCodec.BEGIN -> begin(number, (Begin) codec.decode(body));
                case PerformativeCodec.CLOSE -> closedByPeer((Close) codec.decode(body));
                default -> {
                    session = sessions.get(number);
                    seldom(session, codec.decode(body));
                }
            }
        } catch (LinkError | SessionError error) {
            failures.caught(Objects.requireNonNull(session), session.addressed(), error);
        }
    }

    private void seldom(AmqpSession session, FrameBody body) {
        if (body instanceof Attach attach) {
            limits.begin();
            session.attach(attach);
        } else if (body instanceof Detach detach) {
            session.detach(detach);
        } else {
            session.peerEnded();
            sessions.remove(session);
        }
        turnEnd.ask();
    }

    private void begin(int number, Begin begin) {
        limits.begin();
        sessions.begin(this, number, begin, Objects.requireNonNull(remote).channelMax());
        turnEnd.ask();
    }

    // Open and close.

    private void open(Open open) {
        RemoteOpen terms = RemoteOpen.of(open);
        presence.enter(terms, proof.identity(), channel.remoteAddress());
        remote = terms;
        out.performative(0, RemoteOpen.ours(settings, false));
        out.maxFrameSize(terms.maxFrameSize());
        state = State.OPENED;
        deadline.cancel();
        idle.start(terms.idleTimeoutMs());
        lasting.recover(host.router(), loop);
        turnEnd.ask();
        LOG.debug("connection={} container={} opened", channel.remoteAddress(), terms.containerId());
    }

    private void closedByPeer(Close close) {
        String reason = close.getError() == null ? "" : "closed by the peer: " + close.getError();
        closing(reason, false, () -> out.performative(0, new Close()));
        end(reason);
    }

    /** Closes the connection because of a mistake of the peer, or because the broker wants it to end. */
    void fail(ConnectionError error) {
        switch (state) {
            case OPENING -> {
                out.performative(0, RemoteOpen.ours(settings, true));
                close(error, false);
            }
            case OPENED -> close(error, false);
            case HANDSHAKE -> end(error.description());
            case CLOSING, ENDED -> {}
        }
    }

    private void close(ConnectionError error, boolean lost) {
        failures.log("closed", error);
        var close = new Close();
        close.setError(error.asCondition());
        closing(error.description(), lost, () -> {
            out.ending(0, close, close.getError());
            deadline.in(FAREWELL_MS, () -> end(""));
        });
    }

    /** What ends with the connection may have something to say of it, and nothing is said after a close. */
    private void closing(String reason, boolean lost, Runnable sayClose) {
        sessions.all().forEach(AmqpSession::flushDispositions);
        state = State.CLOSING;
        try {
            release(reason, lost);
        } finally {
            sayClose.run();
        }
    }

    private void silent() {
        if (state == State.OPENED) {
            close(
                    new ConnectionError(
                            AmqpError.RESOURCE_LIMIT_EXCEEDED,
                            "nothing came for " + settings.idleTimeoutMs() + " ms; send empty frames when idle"),
                    true);
        }
    }

    private void end(String reason) {
        if (state != State.ENDED) {
            if (!reason.isEmpty()) {
                LOG.info("connection={} ended: {}", channel.remoteAddress(), reason);
            }
            state = State.ENDED;
            release(reason, false);
            channel.close();
        }
    }

    @Override
    public void closed() {
        boolean lost = state == State.OPENED;
        state = State.ENDED;
        release(lost ? "the socket was closed without a close frame" : "", lost);
    }

    /** Gives everything back to the core; does nothing the second time. */
    private void release(String reason, boolean lost) {
        deadline.cancel();
        proof.over();
        handshake.abandon();
        idle.stop();
        spooling.connectionEnded();
        transactions.rollback(null, new Refusal(Condition.UNAVAILABLE, "the connection is gone"));
        for (AmqpSession session : sessions.all()) {
            session.release(lost);
            sessions.remove(session);
        }
        lingering.connectionEnded();
        kept.connectionEnded();
        presence.leave(reason);
    }

    @Override
    public void stop() {
        if (state == State.OPENED && !stopping) {
            stopping = true;
            turnEnd.ask();
            deadline.in(FAREWELL_MS, this::sayGoodBye);
        } else if (state != State.CLOSING) {
            end("the broker stops");
        }
    }

    private void sayGoodBye() {
        fail(new ConnectionError(Symbols.CONNECTION_FORCED, "the broker is stopping; connect again later"));
    }

    @Override
    public void drained() {
        turnEnd.drained();
    }

    private void turnEnded() {
        if (state != State.OPENED) {
            return;
        }
        if (stopping && publishing == 0) {
            sayGoodBye();
            return;
        }
        presence.count(sessions.size(), links.size());
    }

    @Override
    public Optional<ConnectionStatus> status() {
        return presence.status();
    }

    // What sessions and links ask of their connection.

    Loop loop() {
        return loop;
    }

    AmqpSettings settings() {
        return settings;
    }

    FrameWriter out() {
        return out;
    }

    ConnectionLimits limits() {
        return limits;
    }

    Spooling spooling() {
        return spooling;
    }

    Failures failures() {
        return failures;
    }

    TurnEnd turnEnd() {
        return turnEnd;
    }

    Router router() {
        return host.router();
    }

    Peer peer() {
        return presence.peer();
    }

    /** The peer has shown who it is, after it came without a name. */
    void becomes(Identity identity) {
        presence.becomes(identity);
        LOG.debug("connection={} user={}", channel.remoteAddress(), identity.name());
    }

    /** How long it is known who the peer is. */
    Proof proof() {
        return proof;
    }

    /** Whether the broker wants no more work from this peer. */
    boolean stopping() {
        return stopping;
    }

    String dynamicName(LinkName link) {
        return Termini.dynamicName(peer().containerId(), link.name());
    }

    Transactions transactions() {
        return transactions;
    }

    /** The broker's links that outlive their connections. */
    LastingLinks lasting() {
        return lasting;
    }

    /** Those that were detached here and wait for the end of the connection. */
    LingeringLinks lingering() {
        return lingering;
    }

    LinkNames links() {
        return links;
    }

    /** Subscriptions whose links are detached for now. */
    KeptSubscriptions kept() {
        return kept;
    }

    /** Whether both ends have opened it and none has closed it. */
    boolean opened() {
        return state == State.OPENED;
    }

    /** So many unsettled messages more (or less) are on their way through the core. */
    void publishing(int change) {
        publishing += change;
        if (stopping) {
            turnEnd.ask();
        }
    }
}
