package io.turnstone.load.compare;

import io.turnstone.load.BrokerUrl;
import io.turnstone.load.Plan;
import org.jspecify.annotations.Nullable;

/**
 * A load with the settings that most workloads share: one producer and one consumer on two connections, 1 KiB, not
 * durable, unsettled with window and credit of 1,000. Each method returns a changed copy. Immutable.
 */
record Stream(Plan.Links links, Plan.Messages messages, double rate) {

    private static final long PATIENCE_MS = 60_000;

    static Stream between(Contender.Publication to, String from) {
        var envelope = new Plan.Envelope(1, 0, 1, textOrNull(to.to()), textOrNull(to.subject()));
        return new Stream(
                new Plan.Links(to.address(), from, 1, 1, 1, 2, 1, 1000, false),
                new Plan.Messages(1024, false, false, false, 1000, false, envelope),
                0);
    }

    static Stream through(String queue) {
        return between(new Contender.Publication(queue, "", ""), queue);
    }

    private static @Nullable String textOrNull(String text) {
        return text.isEmpty() ? null : text;
    }

    /** Every producer and consumer on a connection of its own, spread over so many addresses. */
    Stream spread(int queues, int producers, int consumers) {
        return new Stream(
                new Plan.Links(
                        links.to(),
                        links.from(),
                        queues,
                        producers,
                        consumers,
                        producers + consumers,
                        1,
                        links.credit(),
                        false),
                messages,
                rate);
    }

    /** Each consumer gets each message. */
    Stream fannedOut(int consumers) {
        return new Stream(
                new Plan.Links(links.to(), links.from(), 1, 1, consumers, consumers + 1, 1, links.credit(), true),
                messages,
                rate);
    }

    /** So many keys, in turn. */
    Stream keyed(int keys) {
        return enveloped(messages.envelope().priorities(), messages.envelope().ttlMs(), keys);
    }

    /** So many consumers, dealt over connections. */
    Stream received(int consumers, int connections) {
        return new Stream(
                new Plan.Links(links.to(), links.from(), 1, 1, consumers, connections, 1, links.credit(), false),
                messages,
                rate);
    }

    Stream presettled(int bytes) {
        return with(messages(bytes, false, true, messages.window(), messages.envelope()));
    }

    Stream durable(int window) {
        return with(messages(messages.bytes(), true, false, window, messages.envelope()));
    }

    /** Priorities of messages, in turn. */
    Stream withPriorities(int priorities) {
        return enveloped(
                priorities, messages.envelope().ttlMs(), messages.envelope().keys());
    }

    Stream withTtl(long ttlMs) {
        return enveloped(
                messages.envelope().priorities(), ttlMs, messages.envelope().keys());
    }

    private Stream enveloped(int priorities, long ttlMs, int keys) {
        Plan.Envelope present = messages.envelope();
        var envelope = new Plan.Envelope(priorities, ttlMs, keys, present.to(), present.subject());
        return with(messages(messages.bytes(), messages.durable(), messages.settled(), messages.window(), envelope));
    }

    Stream sendingOnly() {
        return new Stream(new Plan.Links(links.to(), links.from(), 1, 1, 0, 1, 1, 1, false), messages, rate);
    }

    Stream receivingOnly() {
        return new Stream(
                new Plan.Links(links.to(), links.from(), 1, 0, 1, 1, 1, links.credit(), false), messages, rate);
    }

    Stream at(double perSecond) {
        return new Stream(links, messages, perSecond);
    }

    private static Plan.Messages messages(
            int bytes, boolean durable, boolean settled, int window, Plan.Envelope envelope) {
        return new Plan.Messages(bytes, durable, settled, settled, window, false, envelope);
    }

    private Stream with(Plan.Messages changed) {
        return new Stream(links, changed, rate);
    }

    /** With a warm-up, for a time. */
    Plan forTime(BrokerUrl url, Effort effort) {
        return new Plan(
                url,
                links,
                messages,
                new Plan.Pace(
                        Plan.Amount.seconds(effort.warmUpSeconds()),
                        Plan.Amount.seconds(effort.seconds()),
                        rate,
                        PATIENCE_MS));
    }

    /** Without a warm-up, so many messages. */
    Plan forMessages(BrokerUrl url, long count) {
        return new Plan(url, links, messages, new Plan.Pace(null, Plan.Amount.messages(count), rate, PATIENCE_MS));
    }
}
