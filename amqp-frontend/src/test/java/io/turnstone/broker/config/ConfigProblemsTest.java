package io.turnstone.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A configuration file with a mistake")
class ConfigProblemsTest {

    @TempDir
    private Path folder;

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake(
                        "an unknown way to log in",
                        "sasl: [PLAIN, SCRAM-SHA-265]",
                        "f:1:15: sasl must not be 'SCRAM-SHA-265'; did you mean 'SCRAM-SHA-256'?"),
                mistake(
                        "a WebSocket without a port",
                        "listeners:\n  - { protocol: amqp-ws }",
                        "f:2:17: listener 1: protocol needs a 'port' beside it: there is no usual one for WebSockets"),
                mistake(
                        "a path that is none",
                        "listeners:\n  - { port: 1, websocket: { path: amqp } }",
                        "f:2:35: listener 1: websocket: path must start with '/'"),
                mistake(
                        "TLS in a WebSocket that asks for TLS",
                        "listeners:\n  - { port: 1, websocket: {}, tls: { upgrade: required } }",
                        "f:2:36: listener 1: tls: needs 'cert' and 'key', or 'keystore' and 'password'"),
                mistake(
                        "tokens of everybody",
                        "tokens: { keys: none.json, audience: a }",
                        "f:1:9: tokens: 'issuer' is missing; it is what the claim iss must be"),
                mistake(
                        "tokens without keys",
                        "tokens: { keys: /none.json, issuer: i, audience: a }",
                        "f:1:17: tokens: keys names a file that does not exist: /none.json"),
                mistake(
                        "a role that may do everything by mistake",
                        "roles: { r: { permissions: [] } }",
                        "f:1:28: role 'r': permissions must not be empty, which would allow everything;"
                                + " name what the user may do, or leave the key out"),
                mistake(
                        "no way to log in",
                        "listeners:\n  - { sasl: [] }",
                        "f:2:13: listener 1: sasl must name at least one"),
                mistake("an unknown key", "lisners: []", "f:1:1: unknown key 'lisners'; did you mean 'listeners'?"),
                mistake(
                        "an unknown key of a queue",
                        "queues:\n  q: { tll: 1h }",
                        "f:2:8: queue 'q' has an unknown key 'tll'; did you mean 'ttl'?"),
                mistake(
                        "a key like no other",
                        "queues:\n  q: { retry: { colour: red } }",
                        "f:2:17: queue 'q': retry has an unknown key 'colour';"
                                + " choose one of: attempts, backoff, first, max, jitter"),
                mistake("a key twice", "loops: 1\nloops: 2", "f:2:1: 'loops' twice; keep one of them"),
                mistake(
                        "a queue twice",
                        "queues:\n  q: {}\n  q: {}",
                        "f:3:3: queue 'q' is there twice; keep one of them"),
                mistake(
                        "a negative duration",
                        "queues:\n  q: { ttl: -5s }",
                        "f:2:13: queue 'q': ttl must not be negative, as '-5s' is; write a duration such as 10s"),
                mistake(
                        "a duration without unit",
                        "queues:\n  q: { ttl: 5 }",
                        "f:2:13: queue 'q': ttl must be a duration such as 250ms, 10s, 5m, 1h or 7d, not '5'"),
                mistake(
                        "a size in another unit",
                        "queues:\n  q: { limit: { bytes: 2GB } }",
                        "f:2:24: queue 'q': limit: bytes must be a size such as 512B, 64KiB, 10MiB or 2GiB, not '2GB'"),
                mistake(
                        "a limit of nothing",
                        "queues:\n  q: { limit: { overflow: block } }",
                        "f:2:15: queue 'q': limit: needs 'messages', 'bytes' or both"),
                mistake(
                        "too many priorities",
                        "queues:\n  q: { priorities: 256 }",
                        "f:2:20: queue 'q': priorities must be a whole number from 1 to 255, not '256'"),
                mistake(
                        "no group at all",
                        "queues:\n  q: { groups: { max: 0 } }",
                        "f:2:23: queue 'q': groups: max must be a whole number from 1 to 1000000, not '0'"),
                mistake(
                        "groups that are neither on nor off",
                        "queues:\n  q: { groups: maybe }",
                        "f:2:16: queue 'q': groups must be true or false, not 'maybe'"),
                mistake(
                        "a wrong word",
                        "queues:\n  q: { limit: { messages: 1, overflow: drophead } }",
                        "f:2:40: queue 'q': limit: overflow must not be 'drophead'; did you mean 'drop-head'?"),
                mistake(
                        "a promise like no other",
                        "queues:\n  q: { durability: alway }",
                        "f:2:20: queue 'q': durability must not be 'alway'; did you mean 'always'?"),
                mistake(
                        "a promise for what does not survive",
                        "queues:\n  q: { durable: false, durability: never }",
                        "f:2:36: queue 'q': durability goes with durable queues only; remove it or 'durable: false'"),
                mistake(
                        "a wait that shrinks",
                        "queues:\n  q: { retry: { first: 10s, max: 1s } }",
                        "f:2:34: queue 'q': retry: max must be at least 'first'; make it longer or 'first' shorter"),
                mistake(
                        "dead letters to itself",
                        "queues:\n  q: { dead-letter: { queue: q } }",
                        "f:2:30: queue 'q': dead-letter: queue must not be the queue itself; name another"),
                mistake(
                        "dead letters to nowhere",
                        "queues:\n  q: { dead-letter: { queue: q.dlq } }",
                        "f:2:30: queue 'q': dead-letter: queue names the queue 'q.dlq', which is not declared;"
                                + " declare it under 'queues': q.dlq: {}"),
                mistake(
                        "dead letters to two places",
                        "queues:\n  q: { dead-letter: { queue: q, exchange: x } }",
                        "f:2:21: queue 'q': dead-letter: has both 'queue' and 'exchange'; keep one"),
                mistake(
                        "dead letters to no place",
                        "queues:\n  q: { dead-letter: { key: k } }",
                        "f:2:21: queue 'q': dead-letter: needs either 'queue' or 'exchange'"),
                mistake(
                        "a binding from an unknown exchange",
                        "exchanges:\n  orders: { type: topic }\nqueues:\n  q: {}\n"
                                + "bindings:\n  - { exchange: oders, queue: q }",
                        "f:6:17: binding 1: exchange names the exchange 'oders', which is not declared;"
                                + " did you mean 'orders'? Or declare it under 'exchanges': oders: { type: topic }"),
                mistake(
                        "a binding to an unknown queue",
                        "exchanges:\n  x: { type: topic }\nbindings:\n  - { exchange: x, queue: q }",
                        "f:4:27: binding 1: queue names the queue 'q', which is not declared;"
                                + " declare it under 'queues': q: {}"),
                mistake(
                        "a binding to nothing",
                        "exchanges:\n  x: { type: topic }\nbindings:\n  - { exchange: x }",
                        "f:4:5: binding 1: needs either 'queue' or 'to-exchange'"),
                mistake(
                        "a binding to two places",
                        "exchanges:\n  x: { type: topic }\nqueues:\n  q: {}\nbindings:\n"
                                + "  - { exchange: x, queue: q, to-exchange: x }",
                        "f:6:5: binding 1: has both 'queue' and 'to-exchange'; keep one"),
                mistake(
                        "the same binding twice",
                        "exchanges:\n  x: { type: fanout }\nqueues:\n  q: {}\nbindings:\n"
                                + "  - { exchange: x, queue: q }\n  - { exchange: x, queue: q }",
                        "f:7:5: binding 2: is the same as one above; remove it"),
                mistake(
                        "a cyclic alternate",
                        "exchanges:\n  a: { type: topic, alternate: b }\n  b: { type: topic, alternate: a }",
                        "f:2:32: exchange 'a': alternate makes a circle: a → b → a; let one of them end it"),
                mistake(
                        "an exchange without type",
                        "exchanges:\n  x: {}",
                        "f:2:6: exchange 'x': 'type' is missing;"
                                + " it is direct, fanout, topic, headers or the type of a plugin"),
                mistake(
                        "an unknown exchange type",
                        "exchanges:\n  x: { type: topics }",
                        "f:2:14: exchange 'x': type must not be 'topics'; did you mean 'topic'?"
                                + " Others need their plugin under 'plugins'"),
                mistake(
                        "an exchange type like no other",
                        "exchanges:\n  x: { type: quantum }",
                        "f:2:14: exchange 'x': type must not be 'quantum'; choose one of: direct, fanout, topic, headers."
                                + " Others need their plugin under 'plugins'"),
                mistake(
                        "an exchange type of a plugin that is not switched on",
                        "exchanges:\n  x: { type: consistent-hash }\nplugins: [ { name: metrics } ]",
                        "f:2:14: exchange 'x': type comes with a plugin: add { name: consistent-hash } under 'plugins'"),
                mistake(
                        "a port too high",
                        "listeners:\n  - { port: 70000 }",
                        "f:2:13: listener 1: port must be a whole number from 0 to 65535, not '70000'"),
                mistake(
                        "a port twice",
                        "listeners:\n  - { port: 5672 }\n  - { port: 5672 }",
                        "f:3:13: listener 2: port 5672 of 127.0.0.1 is taken by a listener above; choose another"),
                mistake(
                        "a port of every address beside the same of one",
                        "listeners:\n  - { port: 5672 }\n  - { host: 0.0.0.0, port: 5672 }",
                        "f:3:28: listener 2: port 5672 of 0.0.0.0 is taken by a listener above; choose another"),
                mistake(
                        "no listener",
                        "listeners: []",
                        "f:1:12: listeners is empty, so nobody could connect; remove the key or add a listener"),
                mistake(
                        "an unknown protocol",
                        "listeners:\n  - { protocol: mqtt, port: 1883 }",
                        "f:2:17: listener 1: protocol 'mqtt' is unknown: amqp, amqps, amqp-ws and amqp-wss are built in,"
                                + " others need their plugin under 'plugins'"),
                mistake(
                        "amqps without a certificate",
                        "listeners:\n  - { protocol: amqps }",
                        "f:2:17: listener 1: protocol amqps needs 'tls: { cert: …, key: … }' beside it"),
                mistake(
                        "half a certificate",
                        "listeners:\n  - { tls: { cert: x.pem } }",
                        "f:2:12: listener 1: tls: needs 'cert' and 'key', or 'keystore' and 'password'"),
                mistake(
                        "a plain password",
                        "users:\n  joe: { password: hunter2 }",
                        "f:2:20: user 'joe': password is not SCRAM-SHA-256$iterations$salt$storedKey$serverKey;"
                                + " make one with: turnstone hash-password"),
                mistake(
                        "a user without password",
                        "users:\n  joe: {}",
                        "f:2:8: user 'joe': 'password' is missing; make one with: turnstone hash-password"),
                mistake(
                        "a password for nobody",
                        "users:\n  anonymous: { password: hunter2 }",
                        "f:2:26: user 'anonymous': password must go: 'anonymous' takes no password,"
                                + " it stands for clients without credentials"),
                mistake(
                        "an unknown action",
                        "users:\n  anonymous: { permissions: [ { allow: publsh, on: /queues/q } ] }",
                        "f:2:40: user 'anonymous': permission 1: allow must not be 'publsh'; did you mean 'publish'?"),
                mistake(
                        "a permission on nothing",
                        "users:\n  anonymous: { permissions: [ { allow: publish, on: queues/q } ] }",
                        "f:2:53: user 'anonymous': permission 1: on must start with /queues/ or /exchanges/,"
                                + " which 'queues/q' does not"),
                mistake(
                        "permissions that allow nothing, and so everything",
                        "users:\n  anonymous: { permissions: [] }",
                        "f:2:29: user 'anonymous': permissions must not be empty, which would allow everything;"
                                + " name what the user may do, or leave the key out"),
                mistake(
                        "no action",
                        "users:\n  anonymous: { permissions: [ { allow: [], on: /queues/q } ] }",
                        "f:2:40: user 'anonymous': permission 1: allow must name at least one"),
                mistake(
                        "brackets without end",
                        "node: " + "[".repeat(5000),
                        "f:1:70: nests deeper than 64 levels; look for brackets that are not closed"),
                mistake(
                        "an unset variable",
                        "node: ${NOBODY_SETS_THIS}",
                        "f:1:7: node names the environment variable NOBODY_SETS_THIS, which is not set;"
                                + " set it or write ${NOBODY_SETS_THIS:-default}"),
                mistake(
                        "an unset variable for a number",
                        "listeners:\n  - { port: \"${NOBODY_SETS_THIS}\" }",
                        "f:2:13: listener 1: port names the environment variable NOBODY_SETS_THIS, which is not set;"
                                + " set it or write ${NOBODY_SETS_THIS:-default}"),
                mistake(
                        "an unset variable for a password",
                        "users:\n  joe: { password: \"${NOBODY_SETS_THIS}\" }",
                        "f:2:20: user 'joe': password names the environment variable NOBODY_SETS_THIS, which is not set;"
                                + " set it or write ${NOBODY_SETS_THIS:-default}"),
                mistake(
                        "a variable without end",
                        "loops: 1\nnode: ${UNCLOSED",
                        "f:2:7: node has a '${' without its '}'; write ${NAME} or ${NAME:-default}"),
                mistake(
                        "a variable without name",
                        "node: a-${}-b",
                        "f:1:7: node has '${}', which names no environment variable; write ${NAME} or ${NAME:-default}"),
                mistake(
                        "a variable with a bad name",
                        "node: ${MY-HOST}",
                        "f:1:7: node has '${MY-HOST}', which names no environment variable;"
                                + " write ${NAME} or ${NAME:-default}"),
                mistake(
                        "an option that the store does not know",
                        "store:\n  window: 1GiB\n  sgement: 1MiB",
                        "f:3:12: store: option 'sgement' is unknown: use window, segment, spare-segments, shrink-above or fsync"),
                mistake(
                        "a promise that the store does not know",
                        "store: { fsync: sometimes }",
                        "f:1:17: store: fsync 'sometimes' is unknown: use always, interval:10ms or never"),
                mistake(
                        "an interval that is none",
                        "store: { fsync: interval:2h }",
                        "f:1:17: store: fsync 'interval:2h' is unknown: use always, interval:10ms or never"),
                mistake(
                        "an option of the store that is no size",
                        "store: { window: big }",
                        "f:1:18: store: window 'big' is not a size: write it like 64MiB or 2GiB"),
                mistake(
                        "an option of the store that is too small",
                        "store: { segment: 1KiB }",
                        "f:1:19: store: segment 1024 is out of range: 4KiB to 1GiB"),
                mistake(
                        "an option of a store without any",
                        "store: { type: memory, window: 1GiB }",
                        "f:1:32: store: option 'window' is unknown to the memory store, which has none: remove it"),
                mistake(
                        "a store like no other",
                        "store: { type: redis }\nplugins: [ { name: metrics } ]",
                        "f:1:16: store: type must not be 'redis'; choose one of: mapdb, memory."
                                + " Others need their plugin under 'plugins'"),
                mistake(
                        "a plugin without braces",
                        "plugins: [metrics]",
                        "f:1:11: plugin 1 must be a mapping, not a word; write { name: metrics }"),
                mistake(
                        "an unknown store",
                        "store: { type: mapbd }",
                        "f:1:16: store: type must not be 'mapbd'; did you mean 'mapdb'? Others need their plugin under 'plugins'"),
                mistake(
                        "a plugin twice",
                        "plugins:\n  - { name: metrics }\n  - { name: metrics }",
                        "f:3:13: plugin 2: name 'metrics' is there twice; keep one of them"),
                mistake(
                        "a plugin from elsewhere",
                        "plugins:\n  - { name: ../evil }",
                        "f:2:13: plugin 1: name '../evil' must be the name of a folder: letters, digits, '.', '_', '-'"),
                mistake(
                        "a policy without settings",
                        "policies:\n  - { match: \"*\", set: {} }",
                        "f:2:24: policy 1: set sets nothing; choose from: ttl, expires, limit, retry, dead-letter,"
                                + " deduplicate"),
                mistake(
                        "a list for a mapping",
                        "queues: []",
                        "f:1:9: queues must be a mapping of names: write 'NAME: …' on each line"),
                mistake(
                        "a word for a list",
                        "bindings: x",
                        "f:1:11: bindings must be a list: start each item with '-'"),
                mistake(
                        "a key without value",
                        "loops:",
                        "f:1:7: loops must be a whole number from 1 to 256; it has no value"),
                mistake(
                        "a name of the broker's own",
                        "queues:\n  amq.q: {}",
                        "f:2:10: queue 'amq.q': names starting with 'amq.' are reserved for the broker; rename it"));
    }

    private static Arguments mistake(String what, String text, String message) {
        return Arguments.of(what, text, message);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void isTold(String what, String text, String message) {
        assertThat(problems(text)).containsExactly(message);
    }

    @Test
    void isToldWhereItIsNotYaml() {
        assertThat(problems("queues:\n  q: { ttl: 1h\n"))
                .singleElement()
                .asString()
                .startsWith("f:3:1: is not YAML: ");
    }

    @Test
    void isToldWithAllOthersAtOnceInTheOrderOfTheFile() {
        assertThat(problems(
                        "loops: 0\nqueues:\n  q: { tll: 1h, ttl: -1s }\nbindings:\n  - { exchange: x, queue: q }\n"))
                .extracting(text -> text.split(" ")[0])
                .containsExactly("f:1:8:", "f:3:8:", "f:3:22:", "f:5:17:");
    }

    @Test
    void namesAMissingFile() {
        Path file = folder.resolve("none.yaml");

        var thrown = catchThrowableOfType(ConfigException.class, () -> ConfigFile.read(file));

        assertThat(thrown).hasMessage(file + ": there is no such file");
    }

    @Test
    void namesUnreadableCertificates() throws Exception {
        Path junk = Files.writeString(folder.resolve("junk.pem"), "not a certificate");
        Path absent = folder.resolve("absent.p12");

        assertThat(problems("listeners:\n"
                        + "  - { port: 1, tls: { cert: " + junk + ", key: " + junk + " } }\n"
                        + "  - { port: 2, tls: { keystore: " + absent + ", password: x } }\n"
                        + "  - { port: 3, tls: { keystore: " + junk + ", password: secret } }\n"))
                .satisfiesExactly(
                        text -> assertThat(text)
                                .endsWith("tls: cert holds no certificate: " + junk
                                        + "; it must be PEM (BEGIN CERTIFICATE)"),
                        text -> assertThat(text)
                                .endsWith("tls: key holds no private key: " + junk
                                        + "; it must be PEM (BEGIN PRIVATE KEY)"),
                        text -> assertThat(text).contains("tls: keystore names a file that does not exist: " + absent),
                        text -> assertThat(text)
                                .endsWith("tls: keystore is no PKCS#12 file: " + junk)
                                .doesNotContain("secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"^orders", "orders$", "orders\\.eu", "(a|b)", "[a-z]+", ".*"})
    void isWarnedOfAPolicyThatMeansARegularExpression(String match) throws Exception {
        Path file = policyFor(match);
        var warnings = new ArrayList<Problem>();

        ConfigFile.read(file, InstalledPlugins.UNKNOWN, warnings::add);

        assertThat(warnings)
                .singleElement()
                .asString()
                .isEqualTo(file + ":2:12: warning: policy 1: match '" + match + "' looks like a regular expression and"
                        + " is none: '*' stands for any characters, all else for itself; write such as 'orders.*'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "orders.*", "*.orders", "a.*.b", "amq.gen-*", "shop:orders/*"})
    void isNotWarnedOfAPolicyWithAPattern(String match) throws Exception {
        var warnings = new ArrayList<Problem>();

        ConfigFile.read(policyFor(match), InstalledPlugins.UNKNOWN, warnings::add);

        assertThat(warnings).isEmpty();
    }

    private Path policyFor(String match) throws IOException {
        return Files.writeString(
                folder.resolve("policy.yaml"), "policies:\n- { match: '" + match + "', set: { ttl: 1h } }\n");
    }

    private List<String> problems(String text) {
        var thrown = catchThrowableOfType(ConfigException.class, () -> ConfigFile.parse("f", text, folder, Map.of()));
        assertThat(thrown).as("problems of: " + text).isNotNull();
        return thrown.problems().stream().map(Problem::toString).toList();
    }
}
