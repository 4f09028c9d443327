package io.turnstone.load.compare;

import java.io.IOException;
import java.util.List;

/** What is measured, in the order of the table. */
enum Workload implements Work {
    W1("not durable, pre-settled, 1 producer, 1 consumer, as fast as it goes"),
    W2("durable, unsettled, window 1,000, 1 KiB: one queue, one producer, one consumer; ten of each"),
    W3(
            "durable, one at a time: 1 KiB, each sent when the one before is confirmed, nobody receives; p50 and p99 of the confirmation. `disk`: the same bytes appended to a zeroed file opened with DSYNC"),
    W4("fan-out: 1 producer, 10 subscriptions with one consumer each, 1 KiB, not durable, unsettled; msg are copies"),
    W5(
            "topic: one wildcard binding for each subscription or one queue with all bindings, each key matches one; 1 KiB, not durable, unsettled, keys in turn; pre-settled too, to compare with W1"),
    W6("5,000 msg/s, 1 KiB, not durable, unsettled; latency from the moment a message was due until it arrived"),
    W7("durable backlog, 1 KiB: filled with window 1,000, broker stopped and started, first message, drained"),
    W8("idle connections with one session and one receiver each, opened one after the other"),
    W9("start of the process until a durable message went through; an earlier start on the same folder is not counted"),
    W10("request and reply, one at a time, 100 B, the reply through a temporary queue and the anonymous terminus"),
    W11(
            "many durable queues with one message each; broker stopped and started; heap is live heap against an empty broker's"),
    W12(
            "mixed: 50 connections, 30 producers, 20 consumers, 20 queues with ten priorities, TTL, durable, 1 KiB, window 100");

    /** What contenders must have declared for W12. */
    static final int PRIORITY_QUEUES = 20;

    private final String description;

    Workload(String description) {
        this.description = description;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<Metric> plotted() {
        return switch (this) {
            case W3 -> List.of(Metric.RATE, Metric.CPU, Metric.P99);
            case W6, W10 -> List.of(Metric.CPU, Metric.P50, Metric.P99);
            case W7 -> List.of(Metric.FILL, Metric.FIRST, Metric.DRAIN);
            case W8 -> List.of(Metric.CONNECTS, Metric.CONNECT_CPU, Metric.HELD);
            case W9 -> List.of(Metric.FIRST, Metric.FIRST_CPU);
            case W11 -> List.of(Metric.FIRST, Metric.QUEUES, Metric.QUEUE_HEAP);
            default -> List.of(Metric.RATE, Metric.CPU);
        };
    }

    @Override
    public void run(Trial trial) throws IOException, InterruptedException {
        switch (this) {
            case W1 -> Streams.presettled(trial);
            case W2 -> Streams.durable(trial);
            case W3 -> Streams.oneAtATime(trial);
            case W4 -> Streams.fanOut(trial);
            case W5 -> Streams.topic(trial);
            case W6 -> Streams.openLoop(trial);
            case W7 -> Restarts.backlog(trial);
            case W8 -> Restarts.idle(trial);
            case W9 -> Restarts.firstMessage(trial);
            case W10 -> Restarts.roundTrips(trial);
            case W11 -> Restarts.manyQueues(trial);
            case W12 -> Streams.mixed(trial);
        }
    }
}
