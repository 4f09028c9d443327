package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ConformanceAdmin;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** In a process of their own, because they and their client use names of JMS that have been given up since. */
@DisplayName("What JORAM's tests ask of a provider of JMS")
class JmsConformanceIT {

    private static final int TESTS = 196;
    private static final String PATIENCE_MS = "10000";
    private static final Path JARS = Path.of("target/jms-conformance");

    @RegisterExtension
    static final BrokerFixture BROKER = BrokerFixture.with("");

    @TempDir
    private Path settings;

    @Test
    @Timeout(240)
    void isThereWithQpidJms() throws IOException, InterruptedException {
        Files.writeString(
                settings.resolve("provider.properties"),
                "jms.provider.admin.class=" + ConformanceAdmin.class.getName());
        Files.writeString(settings.resolve("test.properties"), "timeout=" + PATIENCE_MS);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Durl=amqp://127.0.0.1:" + BROKER.port(),
                "-cp",
                classPath(),
                "org.junit.runner.JUnitCore"));
        command.addAll(tests());

        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("OK (" + TESTS + " tests)");
    }

    /** What was fetched for this test, and of ours what a client stands on. */
    private String classPath() throws IOException {
        Stream<String> shared = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith("test-classes")
                        || Path.of(entry).getFileName().toString().matches("(netty|proton-j|slf4j-api)-.*"));
        try (Stream<Path> jars = Files.list(JARS)) {
            return Stream.concat(Stream.of(settings.toString()), Stream.concat(jars.map(Path::toString), shared))
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    private static List<String> tests() throws IOException {
        try (Stream<Path> jars = Files.list(JARS);
                var suite = new JarFile(
                        jars.filter(jar -> jar.getFileName().toString().startsWith("joram-jms-tests"))
                                .findFirst()
                                .orElseThrow()
                                .toFile())) {
            return suite.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.contains("/conform/") && name.endsWith("Test.class"))
                    .map(name -> name.replace(".class", "").replace('/', '.'))
                    .toList();
        }
    }
}
