package io.turnstone.amqp;

import io.turnstone.amqp.terms.AmqpAddress;
import io.turnstone.amqp.terms.ConsumerTerms;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import java.util.function.BiConsumer;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.jspecify.annotations.Nullable;

/**
 * What one outgoing link takes from, and how it comes by that: anew, with what a link of its name left, or with what the last
 * run of the broker holds for it. Owned by the loop of its connection.
 */
final class LinkSource {

    private final OutgoingLink link;
    private final boolean settled;
    private ConsumerTerms terms = ConsumerTerms.NONE;
    private @Nullable SourceState left;
    private boolean keeps;
    private ConsumerRequest.@Nullable Claim claim;
    private boolean claims;
    private @Nullable String dynamicAddress;

    /** @param settled whether the link sends settled */
    LinkSource(OutgoingLink link, boolean settled) {
        this.link = link;
        this.settled = settled;
    }

    ConsumerTerms terms() {
        return terms;
    }

    /** What is taken, and how it is held: a link that comes back gets on with what it had if that is the same. */
    String identity() {
        return terms.identity() + (claim == null ? "" : " claimed");
    }

    /** Finds out what the peer wants; what outlives its connection, or null. */
    @Nullable
    Resumption agree(Attach attach) {
        AmqpConnection connection = link.session().connection();
        LastingLink across = link.lasting();
        left = across == null ? null : across.source();
        if (left != null) {
            left.recover(attach);
        }
        terms = ConsumerTerms.of(
                attach,
                connection.dynamicName(link.name()),
                connection.peer(),
                connection.router().topology());
        connection.kept().change(link.name(), terms.subscription());
        keeps = left != null && !settled && !terms.browse();
        claim = across != null && keeps ? claim(across.key()) : null;
        return across == null || left == null || !keeps ? null : new Resumption(link, across, left);
    }

    /** Under what the store holds its deliveries, if the peer wants its unsettled state to survive and that is possible. */
    private ConsumerRequest.@Nullable Claim claim(LinkKey key) {
        boolean wanted = terms.expiry().keepsUnsettled() && terms.expiry().outlivesConnection();
        return wanted && KeptLink.length(key) <= KeptLink.LONGEST_CLAIM
                ? new KeptLink(key, terms.expiry()).claim()
                : null;
    }

    /** Gets at it; {@code then} is told the consumer, or why there is none. */
    void open(Attach attach, BiConsumer<@Nullable Consumer, @Nullable Throwable> then) {
        SourceState before = left;
        Consumer held = before == null ? null : before.held(keeps ? identity() : "");
        if (before == null || held == null) {
            take(then);
            return;
        }
        AmqpConnection connection = link.session().connection();
        connection
                .router()
                .resumeConsumer(held, connection.peer(), connection.loop(), link)
                .whenComplete((resumed, failure) -> connection.failures().guard(link, () -> {
                    if (failure != null) {
                        before.drop();
                        take(then);
                        return;
                    }
                    before.resumed();
                    claims = resumed.claims();
                    then.accept(resumed, null);
                }));
    }

    private void take(BiConsumer<@Nullable Consumer, @Nullable Throwable> then) {
        AmqpConnection connection = link.session().connection();
        SourceState before = left;
        if (before != null && claim == null) {
            before.renounce();
        }
        var request = terms.request(
                        connection.peer(), settled, link.session().settings().linkByteBudget())
                .under(claim);
        connection
                .router()
                .openConsumer(request, connection.loop(), link)
                .whenComplete((opened, failure) -> connection.failures().guard(link, () -> {
                    connection.kept().taken(link.name());
                    if (opened != null) {
                        dynamicAddress = terms.address().isMade()
                                ? AmqpAddress.write(
                                        opened.queue(), terms.address().dialect())
                                : null;
                        claims = opened.claims();
                    }
                    if (opened != null && before != null) {
                        before.opened(opened);
                    }
                    then.accept(opened, failure);
                }));
    }

    /** The source as it is: of its unsettled state it says that it survives the broker only if it does. */
    Source actual(@Nullable Object asked) {
        Source source = terms.source(asked, dynamicAddress);
        if (source.getDurable() == TerminusDurability.UNSETTLED_STATE && !claims) {
            source.setDurable(TerminusDurability.CONFIGURATION);
        }
        return source;
    }
}
