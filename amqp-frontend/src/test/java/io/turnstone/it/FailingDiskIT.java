package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.LongText;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Published;
import io.turnstone.it.client.TestClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Errors that the operating system makes, in a broker of its own process. */
@DisplayName("A broker whose disk refuses to write")
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class FailingDiskIT {

    private static final String YAML = """
            store: { segment: 1MiB, window: 2MiB }
            queues: { kept: {} }
            """;
    private static final int MOST = 400;

    @TempDir
    Path folder;

    /** MapDB's redo logs lie on a device that never has room. */
    @Test
    void saysThatALimitIsReachedWhileThereIsNoRoom() throws Exception {
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
            assertThat(broker.terminate()).isZero();
        }
        toTheFullDevice("mapdb-1.redo-0");
        toTheFullDevice("mapdb-1.redo-1");

        try (ForkedBroker broker = ForkedBroker.start(folder, YAML);
                TestClient client = ClientKind.PROTONJ2.connect(broker.port())) {
            var accepted = new ArrayList<String>();
            var refused = publishUntilRefused(client, accepted);
            assertThat(refused.condition()).isEqualTo("amqp:resource-limit-exceeded");
            assertThat(refused.description()).contains("the disk is full; publishes are refused until space returns");
            assertThat(refused.info().get("reason")).hasToString("disk-full");
            assertThat(drain(client)).isEqualTo(accepted);
        }
    }

    private void toTheFullDevice(String name) throws IOException {
        var path = folder.resolve("data/store").resolve(name);
        Files.deleteIfExists(path);
        Files.createSymbolicLink(path, Path.of("/dev/full"));
    }

    /** No file may become longer than 6 MiB, as MapDB's soon is. */
    @Test
    void isUnavailableAfterAnyOtherErrorAndGoesOnDelivering() {
        var accepted = new ArrayList<String>();
        try (ForkedBroker broker = ForkedBroker.startAfter("ulimit -f 12288; exec \"$0\" \"$@\"", folder, YAML);
                TestClient client = ClientKind.PROTONJ2.connect(broker.port())) {
            var refused = publishUntilRefused(client, accepted);
            assertThat(refused.condition()).isEqualTo("amqp:precondition-failed");
            assertThat(refused.description()).contains("File too large").contains("closed for writing");
            assertThat(refused.info().get("reason")).hasToString("unavailable");
            assertThat(client.browse("kept")).extracting(Incoming::body).isEqualTo(accepted);
        }
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML);
                TestClient client = ClientKind.PROTONJ2.connect(broker.port())) {
            assertThat(drain(client)).isEqualTo(accepted);
        }
    }

    private static Published publishUntilRefused(TestClient client, List<String> accepted) {
        for (int i = 0; i < MOST; i++) {
            String body = "x".repeat(60_000 + i);
            var published = client.send(Outgoing.to("kept", body));
            if (!published.outcome().equals("accepted")) {
                return published;
            }
            accepted.add(LongText.brief(body));
        }
        throw new AssertionError("nothing was refused");
    }

    private static List<String> drain(TestClient client) {
        var bodies = new ArrayList<String>();
        for (var next = client.receiveNoWait("kept"); next.isPresent(); next = client.receiveNoWait("kept")) {
            bodies.add(next.get().body());
        }
        return bodies;
    }
}
