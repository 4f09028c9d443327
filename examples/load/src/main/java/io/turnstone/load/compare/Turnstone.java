package io.turnstone.load.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The distribution that was built beside us, with its default settings and what the workloads need declared. */
record Turnstone(Path root) implements Contender {

    private static final String TOPIC = "topic";

    private Path home() {
        return root.resolve("amqp-frontend/target/turnstone");
    }

    @Override
    public String name() {
        return "turnstone";
    }

    @Override
    public String version() throws IOException {
        return "Turnstone " + Jars.version(home().resolve("lib"), "turnstone-amqp-");
    }

    @Override
    public List<String> prepare(Place place) throws IOException {
        var yaml = new StringBuilder("exchanges:\n  " + TOPIC + ": { type: topic }\nqueues:\n");
        for (int i = 0; i < Workload.PRIORITY_QUEUES; i++) {
            yaml.append("  ").append(priorityQueue("" + i)).append(": { priorities: 10 }\n");
        }
        yaml.append("plugins:\n  - { name: metrics, config: { port: ")
                .append(place.spare())
                .append(" } }\n");
        return command(place, yaml.toString());
    }

    /** Writes a configuration; the command that starts with it. */
    List<String> command(Place place, String yaml) throws IOException {
        Path file = Files.writeString(place.folder().resolve("turnstone.yaml"), yaml);
        return List.of(
                home().resolve("bin/turnstone").toString(),
                "start",
                "--config",
                file.toString(),
                "--data",
                place.data().toString(),
                "--port",
                Integer.toString(place.port()));
    }

    @Override
    public Publication topic(String key) {
        return key.contains("%k") ? new Publication(TOPIC, "", key) : new Publication(TOPIC + "/" + key, "", "");
    }

    @Override
    public String subscription(String pattern) {
        return TOPIC + "/" + pattern;
    }
}
