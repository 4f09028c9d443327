package io.turnstone.load.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Apache Artemis as {@code artemis create} sets it up: its journal with libaio where the machine has it, the journal's
 * timer set to what one write to this disk takes, logging without audit; guest's login is not checked.
 *
 * @param writeNanos what one durable write of 4 KiB takes
 */
record Artemis(Path root, long writeNanos) implements Contender {

    private static final String TOPIC = "topic.";

    @Override
    public String name() {
        return "artemis";
    }

    @Override
    public String version() throws IOException {
        return "Apache Artemis " + Jars.version(Place.peer(root, name()), "artemis-server-");
    }

    @Override
    public boolean peer() {
        return true;
    }

    @Override
    public List<String> prepare(Place place) throws IOException {
        Path etc = Files.createDirectories(place.folder().resolve("etc"));
        Template.write(
                "artemis.xml",
                etc.resolve("broker.xml"),
                Map.of("data", place.data(), "nanos", writeNanos, "port", place.port()));
        Path jars = Place.peer(root, name());
        return place.java(
                "-XX:+UseG1GC",
                "-XX:AutoBoxCacheMax=20000",
                "-Djava.library.path=" + jars.resolve("lib/linux-x86_64"),
                "-Dorg.slf4j.simpleLogger.log.org.apache.activemq.audit=off",
                "-cp",
                jars + "/*",
                "org.apache.activemq.artemis.core.server.embedded.Main",
                place.folder().toString());
    }

    @Override
    public Publication topic(String key) {
        return key.contains("%k") ? new Publication("", TOPIC + key, "") : new Publication(TOPIC + key, "", "");
    }

    @Override
    public String subscription(String pattern) {
        return TOPIC + pattern;
    }
}
