package io.turnstone.amqp;

import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.error.ProtocolError;
import io.turnstone.amqp.error.SessionError;
import io.turnstone.api.Loop;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.jspecify.annotations.Nullable;

/**
 * Turns what goes wrong on one connection into the end of a link, of a session or of the connection, and says so in the
 * log: a few lines per second, whatever the peer does. Owned by the loop of its connection.
 */
final class Failures {

    private static final Logger LOG = LogManager.getLogger(Failures.class);

    private static final int LINES_PER_SECOND = 10;
    private static final long SECOND_MS = 1_000;

    private final AmqpConnection connection;
    private final Loop loop;
    private final String remoteAddress;
    private long sinceMs;
    private int lines;

    Failures(AmqpConnection connection, Loop loop, String remoteAddress) {
        this.connection = connection;
        this.loop = loop;
        this.remoteAddress = remoteAddress;
    }

    /** Ends a link because of a mistake of the peer, or because the core gave it up. */
    void of(@Nullable Link link, LinkError error) {
        if (link != null) {
            log("link detached", error);
            link.fail(error);
            connection.turnEnd().ask();
        }
    }

    /** Ends a session because of a mistake of the peer. */
    void of(AmqpSession session, SessionError error) {
        if (!session.ended()) {
            log("session ended", error);
            session.fail(error);
            connection.turnEnd().ask();
        }
    }

    /** A defect of the broker ends the connection. */
    void of(RuntimeException defect) {
        if (defect instanceof ConnectionError error) {
            connection.fail(error);
        } else {
            LOG.error("connection={} failed", remoteAddress, defect);
            connection.fail(new ConnectionError(AmqpError.INTERNAL_ERROR, "the broker failed; see its log"));
        }
    }

    /** What went wrong while something was done for a session and perhaps a link of it; never throws. */
    void caught(AmqpSession session, @Nullable Link link, RuntimeException failure) {
        try {
            if (failure instanceof LinkError error) {
                of(link, error);
            } else if (failure instanceof SessionError error) {
                of(session, error);
            } else {
                of(failure);
            }
        } catch (RuntimeException another) {
            of(another);
        }
    }

    /** Runs what the core calls back for a link, with the same care as what the peer sends. */
    void guard(Link link, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException failure) {
            caught(link.session(), link, failure);
        }
    }

    /** Says in the log that something ended. */
    void log(String what, ProtocolError error) {
        long now = loop.steadyMs();
        if (now - sinceMs >= SECOND_MS) {
            if (lines > LINES_PER_SECOND) {
                LOG.info("connection={} {} more errors like that", remoteAddress, lines - LINES_PER_SECOND);
            }
            sinceMs = now;
            lines = 0;
        }
        if (++lines <= LINES_PER_SECOND) {
            LOG.info("connection={} {}: {}: {}", remoteAddress, what, error.condition(), error.description());
        }
    }
}
