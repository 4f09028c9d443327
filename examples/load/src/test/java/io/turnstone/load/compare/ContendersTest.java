package io.turnstone.load.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.load.BrokerUrl;
import io.turnstone.load.Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A contender")
@Timeout(60)
class ContendersTest {

    private static final Effort LITTLE = new Effort(0.05, 0.05, 10, 10, 10, 10, 5, 10);

    @TempDir
    private Path folder;

    /** The null server is what every build has; the others are real brokers and not of this module. */
    @Test
    void isStartedMeasuredAndStopped() throws Exception {
        var results = new Results();
        var place = Place.of(folder, folder.resolve("null"), List.of("-Xmx128m"));

        Workload.W1.run(new Trial(Workload.W1, new NullContender(folder), place, LITTLE, results));

        assertThat(results.remarks()).isEmpty();
        assertThat(results.cases()).extracting(Results.Case::title).containsExactly("100 B", "1 KiB");
        for (Results.Case of : results.cases()) {
            assertThat(results.metrics(of)).containsExactly(Metric.RATE, Metric.CPU, Metric.OWN_CPU);
            assertThat(results.values(of, "null", Metric.RATE)).hasSize(1);
        }
        assertThatThrownBy(() -> Client.connect(BrokerUrl.parse("amqp://127.0.0.1:" + place.port()), "nobody", 1000))
                .isInstanceOf(IOException.class);
    }

    @Test
    void findsItsConfigurationWhereItLooksForIt() throws Exception {
        var place = Place.of(folder, folder, List.of("-Xmx1g"));

        assertThat(new Turnstone(folder).prepare(place))
                .contains("start", place.data().toString());
        assertThat(folder.resolve("turnstone.yaml")).content().contains("p.19: { priorities: 10 }");
        assertThat(new Artemis(folder, 41_000).prepare(place)).contains("-Xmx1g", folder.toString());
        assertThat(folder.resolve("etc/broker.xml"))
                .content()
                .contains("<journal-buffer-timeout>41000<", "tcp://127.0.0.1:" + place.port() + "?", "true</acceptor>");
        assertThat(new BrokerJ(folder).prepare(place)).contains("-Xmx1g", "-DQPID_WORK=" + place.data());
        assertThat(folder.resolve("initial.json"))
                .content()
                .contains("\"port\": \"" + place.anonymousPort() + "\"", "{\\\"type\\\":\\\"BDB\\\",");
    }

    @Test
    void isOneOfSixWaysToDeclareTheQueuesOfOurOwn() throws Exception {
        var place = Place.of(folder, folder, List.of());
        List<Contender> variants = Variant.all(new Turnstone(folder));
        Path yaml = folder.resolve("turnstone.yaml");

        assertThat(variants)
                .extracting(Contender::name)
                .containsExactly("plain", "priorities", "ttl", "retry", "limits", "all");
        variants.get(0).prepare(place);
        assertThat(yaml).content().contains("  q.small: {  }\n", "  q.ten-9: {  }\n");
        assertThat(variants.get(5).prepare(place)).contains("start", yaml.toString());
        assertThat(yaml).content().contains("  q.one: { priorities: 10, ttl: 1h, retry: { attempts: 5, ");
    }

    @Test
    void saysWithWhichWordsItEnded() throws Exception {
        Files.createDirectories(folder.resolve("amqp-frontend/target/turnstone/bin"));
        Path script = Files.writeString(
                folder.resolve("amqp-frontend/target/turnstone/bin/turnstone"),
                "#!/bin/sh\necho no more room; exit 1\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        var trial = new Trial(
                Workload.W9,
                new Turnstone(folder),
                Place.of(folder, folder.resolve("turnstone"), List.of()),
                LITTLE,
                new Results());

        assertThatThrownBy(() -> Workload.W9.run(trial)).hasMessageContaining("turnstone ended: no more room");
    }
}
