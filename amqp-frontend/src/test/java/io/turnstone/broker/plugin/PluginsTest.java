package io.turnstone.broker.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.turnstone.api.Address;
import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.ExchangeStatus;
import io.turnstone.api.Identity;
import io.turnstone.api.Peer;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.plugin.Authorizer.Action;
import io.turnstone.api.plugin.BrokerView;
import io.turnstone.api.plugin.Plugin;
import io.turnstone.api.plugin.PluginContext;
import io.turnstone.api.plugin.PublishInterceptor.Verdict;
import io.turnstone.api.store.StoreStatus;
import io.turnstone.broker.config.PluginConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Plugins")
class PluginsTest {

    private static final Peer PEER = new Peer(1, "amqp", "c", Identity.ANONYMOUS, "127.0.0.1:1");

    @TempDir
    private Path folder;

    @TempDir
    private Path data;

    private Plugins plugins;

    @AfterEach
    void close() {
        if (plugins != null) {
            plugins.close();
        }
    }

    private PluginHost host() {
        return new PluginHost(data.resolve("plugins"), new NothingToSee(), null, () -> null, () -> 7, Map.of());
    }

    private void start(PluginConfig... configs) {
        plugins = new Plugins(host());
        plugins.start(List.of(configs), Optional.of(folder), List.of());
    }

    private boolean allows(Action action) {
        return plugins.authorizer((identity, asked, resource) -> true).allowed(Identity.ANONYMOUS, action, "/queues/q");
    }

    private static PluginConfig config(String name) {
        return new PluginConfig(name, false, Map.of("answer", 42L));
    }

    @Test
    void registerWhatTheyOffer() throws Exception {
        PluginJar.make(folder, "all", """
                if (!Long.valueOf(42).equals(context.config().get("answer"))) { throw new Exception("config"); }
                java.nio.file.Files.writeString(context.folder().resolve("note"), context.broker().node());
                context.logger().log(System.Logger.Level.INFO, "starting");
                context.publishInterceptor((message, to, from) -> PublishInterceptor.Verdict.PASS);
                context.deliveryInterceptor((delivery, queue, to) -> Map.of("x-opt-a", 1));
                context.authenticator((user, password, remote) -> Optional.of(new Identity(user, "TEST")));
                context.authorizer((identity, action, resource) -> action == Authorizer.Action.PUBLISH);
                context.listener(event -> {});
                """);

        start(config("all"));

        assertThat(plugins.publishInterceptors()).hasSize(1);
        assertThat(plugins.deliveryInterceptors().get(0).intercept(null, "q", PEER))
                .containsEntry("x-opt-a", 1);
        assertThat(plugins.authenticator().orElseThrow().authenticate("joe", new char[0], "r"))
                .contains(new Identity("joe", "TEST"));
        assertThat(allows(Action.PUBLISH)).isTrue();
        assertThat(allows(Action.CONSUME)).isFalse();
        assertThat(Files.readString(data.resolve("plugins/all/note"))).isEqualTo("nobody");
    }

    @Test
    void seeNothingOfTheBrokerButTheApi() throws Exception {
        PluginJar.make(folder, "curious", """
                for (String name : List.of("io.turnstone.router.RouterCore", "io.vertx.core.Vertx",
                        "org.apache.logging.log4j.Logger")) {
                    try {
                        getClass().getClassLoader().loadClass(name);
                        throw new IllegalStateException("found " + name);
                    } catch (ClassNotFoundException expected) {
                        System.setProperty("plugin.curious", "saw nothing");
                    }
                }
                """);

        start(config("curious"));

        assertThat(System.getProperty("plugin.curious")).isEqualTo("saw nothing");
    }

    @Test
    void thatCannotStartAreNamed() throws Exception {
        PluginJar.make(folder, "broken", "throw new IllegalStateException(\"no licence\");");

        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> start(config("broken")))
                .withMessage("plugin 'broken' cannot start: no licence;"
                        + " correct it, remove it from 'plugins:', or mark it 'optional: true'");
    }

    @Test
    void closeThoseBeforeOneThatCannotStart() throws Exception {
        PluginJar.make(folder, "first", "");
        PluginJar.make(folder, "second", "throw new NoClassDefFoundError(\"x\");");

        assertThatExceptionOfType(PluginException.class).isThrownBy(() -> start(config("first"), config("second")));
        assertThat(System.getProperty("plugin.first.closed")).isEqualTo("true");
    }

    @Test
    void closeThoseBeforeAnObjectThatCannotStart() throws Exception {
        PluginJar.make(folder, "jar", "");
        var object = new Embedded("object", false);
        plugins = new Plugins(host());

        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> plugins.start(
                        List.of(config("jar")), Optional.of(folder), List.of(object, new Embedded("broken", true))));
        assertThat(System.getProperty("plugin.jar.closed")).isEqualTo("true");
        assertThat(object.closed).isTrue();
    }

    @Test
    void thatAreOptionalObjectsAreLeftOut() {
        var next = new Embedded("next", false);
        plugins = new Plugins(host());

        plugins.start(
                List.of(new PluginConfig("broken", true, Map.of())),
                Optional.of(folder),
                List.of(new Embedded("broken", true), next));

        assertThat(next.started).isTrue();
    }

    @Test
    void thatAreOptionalAreLeftOut() throws Exception {
        PluginJar.make(
                folder,
                "broken",
                "context.authorizer((identity, action, resource) -> false); throw new Exception(\"no licence\");");

        start(new PluginConfig("broken", true, Map.of()), new PluginConfig("absent", true, Map.of()));

        assertThat(allows(Action.PUBLISH)).isTrue();
    }

    @Test
    void thatAreNotInstalledAreNamed() {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> start(config("absent")))
                .withMessage("plugin 'absent' is not installed: there is no JAR in " + folder.resolve("absent")
                        + "; install it there or remove it from 'plugins:'");
    }

    @Test
    void ofAnotherNameAreNamed() throws Exception {
        PluginJar.make(folder, "one", "");
        Files.move(folder.resolve("one"), folder.resolve("two"));

        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> start(config("two")))
                .withMessageContaining("its JARs offer [one]; use that name");
    }

    @Test
    void thatFailLaterRefuseOneRequestAndGoOn() throws Exception {
        PluginJar.make(folder, "flaky", """
                context.publishInterceptor((message, to, from) -> { throw new IllegalStateException("boom"); });
                context.publishInterceptor((message, to, from) -> new PublishInterceptor.Verdict.Later(
                        CompletableFuture.failedFuture(new Exception("late"))));
                context.deliveryInterceptor((delivery, queue, to) -> { throw new StackOverflowError(); });
                context.authenticator((user, password, remote) -> { throw new IllegalStateException(); });
                context.authorizer((identity, action, resource) -> { throw new IllegalStateException(); });
                context.listener(event -> { throw new IllegalStateException(); });
                """);

        start(config("flaky"));

        assertThat(plugins.publishInterceptors().get(0).intercept(null, new Address.Anonymous(), PEER))
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        refused -> assertThat(refused.refusal().description())
                                .isEqualTo("plugin 'flaky' failed to look at the message"));
        var later = (Verdict.Later) plugins.publishInterceptors().get(1).intercept(null, new Address.Anonymous(), PEER);
        assertThat(later.verdict().toCompletableFuture())
                .isCompletedWithValueMatching(Verdict.Refuse.class::isInstance);
        assertThat(plugins.deliveryInterceptors().get(0).intercept(null, "q", PEER))
                .isEmpty();
        assertThat(plugins.authenticator().orElseThrow().authenticate("joe", new char[0], "r"))
                .isEmpty();
        assertThat(allows(Action.PUBLISH)).isFalse();
        plugins.listener().on(null);
        assertThat(plugins.faults()).isEqualTo(6);
    }

    private static final class NothingToSee implements BrokerView {
        @Override
        public String node() {
            return "nobody";
        }

        @Override
        public String version() {
            return "0";
        }

        @Override
        public long startedAtMs() {
            return 0;
        }

        @Override
        public Collection<QueueStatus> queues() {
            return List.of();
        }

        @Override
        public Collection<ExchangeStatus> exchanges() {
            return List.of();
        }

        @Override
        public Collection<ConnectionStatus> connections() {
            return List.of();
        }

        @Override
        public StoreStatus store() {
            throw new AssertionError("a plugin of these tests does not look at the store");
        }
    }

    /** A plugin that is handed in as an object. */
    private static final class Embedded implements Plugin {
        private final String name;
        private final boolean broken;
        private boolean started;
        private boolean closed;

        private Embedded(String name, boolean broken) {
            this.name = name;
            this.broken = broken;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void start(PluginContext context) {
            if (broken) {
                throw new IllegalStateException("no licence");
            }
            started = true;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
