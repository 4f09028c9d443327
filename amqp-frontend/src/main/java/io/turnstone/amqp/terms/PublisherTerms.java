package io.turnstone.amqp.terms;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * Which outcomes a publishing peer understands and what it wants for unroutable messages. Immutable.
 *
 * @param rejected whether it understands rejected; if not, its link is detached instead (part 3, section 3.4.3)
 * @param released whether it understands released
 * @param rejectsUnroutable whether it asked for unroutable messages to be rejected
 * @param discardsUnroutable whether it asked for them to be dropped
 */
public record PublisherTerms(
        boolean rejected, boolean released, boolean rejectsUnroutable, boolean discardsUnroutable) {

    /** What the peer's attach says. */
    public static PublisherTerms of(Attach attach) {
        Source source = attach.getSource() instanceof Source given ? given : null;
        Target target = attach.getTarget() instanceof Target given ? given : new Target();
        return new PublisherTerms(
                Termini.understands(source, Rejected.DESCRIPTOR_SYMBOL),
                Termini.understands(source, Released.DESCRIPTOR_SYMBOL),
                Termini.capable(target, Symbols.REJECT_UNROUTABLE),
                Termini.capable(target, Symbols.DISCARD_UNROUTABLE));
    }

    /** What an unroutable message becomes: accepted, released, or null for a refusal. */
    @Nullable
    public DeliveryState unroutable() {
        if (discardsUnroutable) {
            return Accepted.getInstance();
        }
        return !rejectsUnroutable && released ? Released.getInstance() : null;
    }

    /** How an unroutable message is refused. */
    public static LinkError notRouted() {
        return new LinkError(
                AmqpError.NOT_FOUND, "no queue is bound for this message; bind one, or send it to another address");
    }
}
