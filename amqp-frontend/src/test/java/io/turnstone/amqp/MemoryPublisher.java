package io.turnstone.amqp;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.Message;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;
import io.turnstone.api.Transaction;
import java.util.Map;
import java.util.function.Consumer;

/** Publishes into lists. */
final class MemoryPublisher implements Publisher {
    private final MemoryRouter router;
    private final Address address;
    final Listener listener;
    boolean open = true;
    boolean closed;

    MemoryPublisher(MemoryRouter router, Address address, Listener listener) {
        this.router = router;
        this.address = address;
        this.listener = listener;
    }

    @Override
    public Address address() {
        return address;
    }

    @Override
    public void publish(Message message, PublishListener told) {
        publish(address, message, told);
    }

    @Override
    public void publish(Address to, Message message, PublishListener told) {
        publish(to, told, name -> router.queue(name).add(message));
    }

    @Override
    public void publish(Address to, Message message, Transaction within, PublishListener told) {
        var transaction = (MemoryTransaction) within;
        PublishListener counted = outcome -> {
            if (outcome instanceof PublishOutcome.Refused refused) {
                transaction.fail(refused.refusal());
            }
            if (told != null) {
                told.published(outcome);
            }
        };
        publish(
                to,
                counted,
                name -> transaction.onCommit.add(() -> router.queue(name).add(message)));
    }

    private void publish(Address to, PublishListener told, Consumer<String> add) {
        PublishOutcome outcome =
                router.refusal == null ? route(MemoryRouter.name(to), add) : new PublishOutcome.Refused(router.refusal);
        if (told != null) {
            Runnable tell = () -> {
                if (!closed) {
                    told.published(outcome);
                }
            };
            if (router.holdOutcomes) {
                router.held.add(tell);
            } else {
                tell.run();
            }
        }
    }

    private PublishOutcome route(String name, Consumer<String> add) {
        return switch (name) {
            case "nowhere" -> PublishOutcome.UNROUTABLE;
            case "full" ->
                new PublishOutcome.Refused(new Refusal(
                        Condition.LIMIT_EXCEEDED,
                        "queue 'full' exceeded maximum length",
                        Map.of("queue", "full", "reason", "maxlen")));
            case "missing" -> new PublishOutcome.Refused(new Refusal(Condition.NOT_FOUND, "no queue 'missing'"));
            default -> {
                add.accept(name);
                yield PublishOutcome.ACCEPTED;
            }
        };
    }

    @Override
    public boolean open() {
        return open;
    }

    void open(boolean on) {
        open = on;
        listener.flow(on);
    }

    @Override
    public void close() {
        closed = true;
    }
}
