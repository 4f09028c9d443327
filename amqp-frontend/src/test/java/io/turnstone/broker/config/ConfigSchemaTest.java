package io.turnstone.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.turnstone.broker.TestCertificate;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The published schema")
class ConfigSchemaTest {

    @TempDir
    private Path folder;

    private static final com.networknt.schema.Schema SCHEMA = SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_2020_12)
            .getSchema(new JsonObject(ConfigFile.schema()).encode());

    @Test
    void acceptsWhatTheBrokerAccepts() {
        assertThat(SCHEMA.validate("""
                        listeners: [ { port: 5672, tls: { cert: a, key: b } } ]
                        users: { shop: { password: "SCRAM-SHA-256$…", permissions: [ { allow: publish, on: /queues/q } ] } }
                        exchanges: { x: { type: topic } }
                        queues: { q: { ttl: 1h, limit: { bytes: 2GiB } }, r: }
                        bindings: [ { exchange: x, queue: q, key: "a.#" } ]
                        policies: [ { match: "*", set: { ttl: 1s } } ]
                        """, InputFormat.YAML)).isEmpty();
    }

    @Test
    void rejectsWhatTheBrokerRejects() {
        assertThat(SCHEMA.validate("queues: { q: { tll: 1h } }", InputFormat.YAML))
                .isNotEmpty();
        assertThat(SCHEMA.validate("queues: { q: { ttl: soon } }", InputFormat.YAML))
                .isNotEmpty();
        assertThat(SCHEMA.validate("exchanges: { x: {} }", InputFormat.YAML)).isNotEmpty();
        assertThat(SCHEMA.validate("anonymous: sometimes", InputFormat.YAML)).isNotEmpty();
    }

    @Test
    void namesTheKeysThatTheDocumentationAndTheShippedFileExplain() throws Exception {
        var keys = new TreeSet<String>();
        Matcher matcher = Pattern.compile("\"([a-z-]+)\":\\{\"description\"")
                .matcher(new JsonObject(ConfigFile.schema()).encode());
        while (matcher.find()) {
            keys.add(matcher.group(1));
        }
        String documentation = Files.readString(Path.of("docs/configuration.md"));
        String shipped = Files.readString(Path.of("src/dist/conf/turnstone.yaml"));

        assertThat(keys).hasSizeGreaterThan(40);
        assertThat(keys).allSatisfy(key -> assertThat(documentation).contains("`" + key + "`"));
        assertThat(keys).allSatisfy(key -> assertThat(shipped).contains(key + ":"));
    }

    @Test
    void acceptsTheShippedFile() throws Exception {
        String shipped = Files.readString(Path.of("src/dist/conf/turnstone.yaml"));
        String uncommented = shipped.replaceAll("(?m)^#(?=[^ ]|  )", "");
        var server = TestCertificate.make(folder, "server", "RSA");
        TestCertificate.make(folder, "shop");
        Files.copy(server.cert(), folder.resolve("clients-ca.pem"));
        Files.copy(server.cert(), folder.resolve("issuer.jwks"));

        assertThat(SCHEMA.validate(shipped.isBlank() ? "{}" : uncommented, InputFormat.YAML))
                .isEmpty();
        ConfigFile.parse("turnstone.yaml", shipped, folder, java.util.Map.of());
        ConfigFile.parse(
                "turnstone.yaml", uncommented, folder, java.util.Map.of("KEYSTORE_PASSWORD", server.password()));
    }
}
