package io.turnstone.broker;

import io.turnstone.api.Address;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Loop;
import io.turnstone.api.Peer;
import io.turnstone.api.Publisher;
import io.turnstone.api.Router;
import io.turnstone.api.Topology;
import io.turnstone.api.Transaction;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The router, and a loop to use it on, as plugins hold them: they get them before there are any. Any thread. */
final class LateRouter implements Router {

    private volatile @Nullable Router router;
    private volatile @Nullable Loop loop;

    void is(Router started, Loop onLoop) {
        router = started;
        loop = onLoop;
    }

    Loop loop() {
        return started(loop);
    }

    private Router router() {
        return started(router);
    }

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the router works once the broker has started, not in Plugin.start()");
        }
        return part;
    }

    @Override
    public CompletionStage<Publisher> openPublisher(Address target, Peer peer, Loop loop, Publisher.Listener listener) {
        return router().openPublisher(target, peer, loop, listener);
    }

    @Override
    public CompletionStage<Consumer> openConsumer(ConsumerRequest request, Loop loop, Consumer.Listener listener) {
        return router().openConsumer(request, loop, listener);
    }

    @Override
    public CompletionStage<Consumer> resumeConsumer(
            Consumer suspended, Peer peer, Loop loop, Consumer.Listener listener) {
        return router().resumeConsumer(suspended, peer, loop, listener);
    }

    @Override
    public Transaction begin(Peer peer, Loop loop, Transaction.Listener listener) {
        return router().begin(peer, loop, listener);
    }

    @Override
    public void keep(String name, byte @Nullable [] value, Loop loop) {
        router().keep(name, value, loop);
    }

    @Override
    public Map<String, byte[]> kept() {
        return router().kept();
    }

    @Override
    public Map<String, byte[]> claims() {
        return router().claims();
    }

    @Override
    public void renounce(String claim) {
        router().renounce(claim);
    }

    @Override
    public void disconnected(Peer peer) {
        router().disconnected(peer);
    }

    @Override
    public Topology topology() {
        return router().topology();
    }

    @Override
    public Topology topology(Peer peer) {
        return router().topology(peer);
    }
}
