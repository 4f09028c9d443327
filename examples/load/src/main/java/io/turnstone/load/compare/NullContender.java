package io.turnstone.load.compare;

import io.turnstone.load.NullServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

/** The floor: a server that passes frames on and is no broker ({@link NullServer}). */
record NullContender(Path root) implements Contender {

    private static final EnumSet<Workload> RUN = EnumSet.of(Workload.W1, Workload.W2, Workload.W6, Workload.W8);

    @Override
    public String name() {
        return "null";
    }

    @Override
    public String version() throws IOException {
        return "null server: Vert.x "
                + Jars.version(root.resolve("amqp-frontend/target/turnstone/lib"), "vertx-core-")
                + " and a loop over frames, without queues";
    }

    @Override
    public boolean runs(Work workload) {
        return RUN.contains(workload);
    }

    @Override
    public List<String> prepare(Place place) {
        return place.java(
                "-XX:+UseG1GC",
                "-cp",
                System.getProperty("java.class.path"),
                NullServer.class.getName(),
                Integer.toString(place.port()));
    }

    @Override
    public Publication topic(String key) {
        return new Publication(key, "", "");
    }

    @Override
    public String subscription(String pattern) {
        return pattern;
    }
}
