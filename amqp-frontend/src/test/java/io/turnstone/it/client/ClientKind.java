package io.turnstone.it.client;

import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** The clients we test with. */
public enum ClientKind {
    QPID_JMS,
    PROTONJ2,
    RABBITMQ,
    VERTX,
    RHEA,
    PYTHON;

    /** Connects as guest; a client that is not installed aborts the test, which then counts as skipped. */
    public TestClient connect(int port) {
        return connect(port, "guest", "guest");
    }

    /** Connects with these credentials. */
    public TestClient connect(int port, String user, String password) {
        return switch (this) {
            case QPID_JMS -> new QpidJmsClient(port, user, password);
            case PROTONJ2 -> new Protonj2Client(port, user, password);
            case RABBITMQ -> new RabbitMqClient(port, user, password);
            case VERTX -> new VertxClient(port, user, password);
            case RHEA -> script(ScriptClient.node(), port, user, password);
            case PYTHON -> script(ScriptClient.python(), port, user, password);
        };
    }

    /** Aborts the test, which then counts as skipped, when this client is not installed. */
    public void assumeInstalled() {
        switch (this) {
            case QPID_JMS, PROTONJ2, RABBITMQ, VERTX -> {}
            case RHEA -> installed(ScriptClient.node());
            case PYTHON -> installed(ScriptClient.python());
        }
    }

    ScriptClient.Script installed(Optional<ScriptClient.Script> script) {
        Assumptions.assumeTrue(script.isPresent(), () -> this + " is not installed; .ci/run installs it");
        return script.orElseThrow();
    }

    private TestClient script(Optional<ScriptClient.Script> script, int port, String user, String password) {
        return new ScriptClient(installed(script), port, user, password);
    }
}
