package io.turnstone.load.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Apache Qpid Broker-J with its Berkeley DB store, warnings logged only, queues made on first use. */
record BrokerJ(Path root) implements Contender {

    private static final String TOPIC = "amq.topic";

    @Override
    public String name() {
        return "broker-j";
    }

    @Override
    public String version() throws IOException {
        Path jars = Place.peer(root, name());
        return "Apache Qpid Broker-J " + Jars.version(jars, "qpid-broker-") + " (Berkeley DB "
                + Jars.version(jars, "je-") + ")";
    }

    @Override
    public boolean peer() {
        return true;
    }

    /** It makes some twenty durable queues a second: so many would take it a quarter of an hour. */
    @Override
    public boolean runs(Work workload) {
        return workload != Workload.W11;
    }

    @Override
    public List<String> prepare(Place place) throws IOException {
        Path file = place.folder().resolve("initial.json");
        Template.write("broker-j.json", file, Map.of("port", place.port(), "anonymous", place.anonymousPort()));
        return place.java(
                "-XX:+UseG1GC",
                "-DQPID_WORK=" + place.data(),
                "-cp",
                Place.peer(root, name()) + "/*",
                "org.apache.qpid.server.Main",
                "-icp",
                file.toString());
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
