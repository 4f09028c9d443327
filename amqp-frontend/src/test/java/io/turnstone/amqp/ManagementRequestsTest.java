package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.ManagementPeer.Response;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology.Owner;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.transport.End;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A request to /management")
class ManagementRequestsTest {

    private final ManagementPeer management = new ManagementPeer().attached();

    private void answers(String code, String words, String method, String target, Object body) {
        Response response = management.request(method, target, body);
        assertThat(response.code()).as(String.valueOf(response.body())).isEqualTo(code);
        assertThat(response.text()).contains(words);
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /nothing                      | 404 | no such path",
                "GET    | /queues                       | 404 | no such path",
                "GET    | /queues/q/messages/1          | 404 | no such path",
                "POST   | /queues/q                     | 405 | use GET, PUT or DELETE",
                "GET    | /queues/q/messages            | 405 | use DELETE",
                "GET    | /exchanges/x                  | 405 | use PUT or DELETE",
                "PUT    | /bindings                     | 405 | use GET or POST",
                "GET    | /bindings/src=x;dstq=q;key=;args= | 405 | use DELETE",
                "GET    | /auth/tokens                  | 405 | use PUT",
                "GET    | queues/q                      | 400 | must be a path",
                "GET    | /queues/%zz                   | 400 | percent-encoded",
                "GET    | /queues/q                     | 404 | no queue 'q' in vhost '/'",
                "GET    | /queues/a%2Fb%20c             | 404 | no queue 'a/b c' in vhost '/'",
                "DELETE | /queues/q/messages            | 404 | no queue 'q' in vhost '/'",
                "DELETE | /queues/                      | 400 | empty name",
                "DELETE | /queues/a%0Ab                 | 400 | line feed and carriage return characters not allowed",
                "PUT    | /queues/                      | 400 | empty name",
                "PUT    | /queues/a%0Db                 | 400 | line feed and carriage return characters not allowed",
                "PUT    | /queues/amq.mine              | 403 | amq.",
                "PUT    | /exchanges/amq.mine           | 403 | amq.",
                "PUT    | /exchanges/                   | 403 | operation not permitted on the default exchange",
                "PUT    | /exchanges/amq.default        | 403 | operation not permitted on the default exchange",
                "DELETE | /exchanges/                   | 403 | operation not permitted on the default exchange",
                "GET    | /bindings                     | 400 | missing 'src'",
                "GET    | /bindings?src=x&key=k         | 400 | one of 'dste' and 'dstq'",
                "GET    | /bindings?src                 | 400 | NAME=VALUE",
                "DELETE | /bindings/src=x;key=k         | 400 | bad binding path segment",
                "DELETE | /bindings/src=;dstq=q;key=;args= | 403 | default exchange",
                "PUT    | /auth/tokens                  | 400 | must be the token, as binary",
            })
    void isRefused(String method, String target, String code, String words) {
        answers(code, words, method, target, null);
    }

    @Test
    void withATokenIsRefusedWhereNoneIsTaken() {
        answers("501", "no tokens are taken here", "PUT", "/auth/tokens", new Binary(new byte[] {1}));
    }

    @Test
    void isRefusedWhenItsAnswerIsToGoElsewhere() {
        var properties = new Properties();
        properties.setMessageId(UnsignedLong.valueOf(7));
        properties.setSubject("GET");
        properties.setTo("/queues/q");
        management.send(management.peer.section(properties, new AmqpValue(null)));

        Response response = management.response();

        assertThat(response.correlationId()).isEqualTo(UnsignedLong.valueOf(7));
        assertThat(response.code()).isEqualTo("400");
        assertThat(response.text()).contains("$me");
    }

    @Test
    @Spec(section = "HTTP over AMQP", says = "requests and responses belong together by message-id and correlation-id")
    void isAnsweredInTheOrderOfRequests() {
        for (int i = 0; i < 4; i++) {
            management.send("put-" + i, "PUT", "/queues/q" + i, Map.of());
            management.send("get-" + i, "GET", "/queues/q" + i, null);
        }
        for (int i = 0; i < 4; i++) {
            assertThat(management.response())
                    .satisfies(put -> assertThat(put.code()).isEqualTo("201"))
                    .extracting(Response::correlationId)
                    .isEqualTo("put-" + i);
            assertThat(management.response())
                    .satisfies(get -> assertThat(get.code()).isEqualTo("200"))
                    .extracting(Response::correlationId)
                    .isEqualTo("get-" + i);
        }
    }

    @Nested
    @DisplayName("about a queue")
    class Queues {

        @Test
        void declaresAndDescribesIt() {
            Map<String, Object> arguments = Map.of("x-queue-type", "quorum", "x-max-length", 5L, "team", "red");
            Response made = management.declareQueue("a%20b", arguments);

            assertThat(made.code()).isEqualTo("201");
            assertThat(made.map().get("name")).isEqualTo("a b");
            assertThat(made.map().get("vhost")).isEqualTo("/");
            assertThat(made.map().get("durable")).isEqualTo(true);
            assertThat(made.map().get("auto_delete")).isEqualTo(false);
            assertThat(made.map().get("exclusive")).isEqualTo(false);
            assertThat(made.map().get("type")).isEqualTo("quorum");
            assertThat(made.map().get("arguments")).isEqualTo(arguments);
            assertThat(made.map().get("leader")).isEqualTo("node-1");
            assertThat(Arrays.asList((Object[]) made.map().get("replicas"))).containsExactly("node-1");
            assertThat(made.map().get("message_count")).isEqualTo(UnsignedLong.ZERO);
            assertThat(made.map().get("consumer_count")).isEqualTo(UnsignedInteger.ZERO);
            assertThat(management.request("GET", "/queues/a%20b", null).map().keySet())
                    .isEqualTo(made.map().keySet());
        }

        @Test
        void existsWhenItIsDeclaredTheSameAgain() {
            management.declareQueue("q", Map.of("x-message-ttl", 1000));

            Response again = management.declareQueue("q", Map.of("x-message-ttl", 1000L));

            assertThat(again.code()).isEqualTo("200");
            assertThat(again.map().get("arguments")).isEqualTo(Map.of("x-message-ttl", 1000));
        }

        @Test
        void isRefusedWhenItExistsWithOtherValues() {
            management.declareQueue("q", Map.of("x-message-ttl", 1000, "x-queue-type", "classic"));

            answers(
                    "409",
                    "ttl is 1000 ms, not 5000 ms",
                    "PUT",
                    "/queues/q",
                    Map.of("arguments", Map.of("x-message-ttl", 5000)));
            answers("409", "durable is true, not false", "PUT", "/queues/q", Map.of("durable", false));
            answers(
                    "409",
                    "x-queue-type is classic, not quorum",
                    "PUT",
                    "/queues/q",
                    Map.of("arguments", Map.of("x-queue-type", "quorum", "x-message-ttl", 1000)));
        }

        @Test
        void keepsWhatTheConfigurationOwns() {
            declared(QueueSpec.named("q").ttlMs(1000).build());

            assertThat(management
                            .declareQueue("q", Map.of("x-message-ttl", 1000))
                            .code())
                    .isEqualTo("200");
            answers("409", "declared in the configuration with other values: ttl", "PUT", "/queues/q", Map.of());
            answers("409", "declared in the configuration; remove it there", "DELETE", "/queues/q", null);
        }

        private void declared(QueueSpec spec) {
            management.peer.loop.within(() -> management.topology.declareQueue(spec, Owner.CONFIG));
            management.peer.loop.settle();
        }

        @Test
        void deletesItWithItsMessagesAndAgain() {
            management.declareQueue("q", Map.of());

            assertThat(management.request("DELETE", "/queues/q", null).map())
                    .isEqualTo(Map.of("message_count", UnsignedLong.ZERO));
            assertThat(management.request("DELETE", "/queues/q", null).map())
                    .isEqualTo(Map.of("message_count", UnsignedLong.ZERO));
            assertThat(management.topology.queue("q")).isEmpty();
        }

        @Test
        void purgesIt() {
            management.declareQueue("q", Map.of());

            Response purged = management.request("DELETE", "/queues/q/messages", null);

            assertThat(purged.code()).isEqualTo("200");
            assertThat(purged.map()).isEqualTo(Map.of("message_count", UnsignedLong.ZERO));
        }

        @Test
        void refusesABodyThatSaysSomethingElse() {
            answers("400", "must be a map", "PUT", "/queues/q", "text");
            answers("400", "bad property 'colour'", "PUT", "/queues/q", Map.of("colour", "red"));
            answers("400", "'durable' must be true or false", "PUT", "/queues/q", Map.of("durable", 1));
            answers("400", "'arguments' must be a map", "PUT", "/queues/q", Map.of("arguments", List.of()));
            answers("400", "must be a string", "PUT", "/queues/q", Map.of("arguments", Map.of(1, 2)));
            answers("400", "takes no body", "GET", "/queues/q", Map.of());
            answers("400", "takes no body", "DELETE", "/queues/q", Map.of());
            assertThat(management.topology.queues()).isEmpty();
        }

        @Test
        void takesKeysAsSymbols() {
            var body =
                    Map.of(Symbol.valueOf("durable"), false, "arguments", Map.of(Symbol.valueOf("x-expires"), 60_000));

            assertThat(management.request("PUT", "/queues/q", body).code()).isEqualTo("201");

            assertThat(management.topology.queue("q").orElseThrow().expiresMs()).isEqualTo(60_000);
            assertThat(management.topology.queue("q").orElseThrow().durable()).isFalse();
        }

        @Test
        void belongsToItsConnectionWhenItIsExclusive() {
            assertThat(management
                            .request("PUT", "/queues/mine", Map.of("exclusive", true))
                            .map()
                            .get("exclusive"))
                    .isEqualTo(true);
            assertThat(management
                            .request("PUT", "/queues/mine", Map.of("exclusive", true))
                            .code())
                    .isEqualTo("200");
        }
    }

    @Nested
    @DisplayName("about an exchange")
    class Exchanges {

        @Test
        void declaresItAsDirectByDefault() {
            management.done("PUT", "/exchanges/x", null);
            management.done("PUT", "/exchanges/x", Map.of("type", "direct", "durable", true));

            assertThat(management.topology.exchange("x")).contains(ExchangeSpec.of("x", "direct"));
        }

        @Test
        void declaresItWithAllItsProperties() {
            management.done("PUT", "/exchanges/other", Map.of("type", "fanout"));
            var body = Map.of(
                    "type",
                    "topic",
                    "durable",
                    false,
                    "auto_delete",
                    true,
                    "internal",
                    true,
                    "arguments",
                    Map.of("alternate-exchange", "other"));
            management.done("PUT", "/exchanges/x", body);
            management.done("PUT", "/exchanges/x", body);

            assertThat(management.topology.exchange("x"))
                    .contains(new ExchangeSpec("x", "topic", false, true, true, "other", Map.of()));
        }

        @Test
        void refusesWhatItDoesNotKnow() {
            answers("400", "type 'weird' must be one of", "PUT", "/exchanges/x", Map.of("type", "weird"));
            answers("400", "bad property 'kind'", "PUT", "/exchanges/x", Map.of("kind", "topic"));
            answers("400", "'type' must be a string", "PUT", "/exchanges/x", Map.of("type", 1));
            answers(
                    "400",
                    "must be the name of an exchange",
                    "PUT",
                    "/exchanges/x",
                    Map.of("arguments", Map.of("alternate-exchange", 1)));
            answers(
                    "404",
                    "no exchange 'missing' in vhost '/'",
                    "PUT",
                    "/exchanges/x",
                    Map.of("arguments", Map.of("alternate-exchange", "missing")));
        }

        @Test
        void isRefusedWhenItExistsWithOtherValues() {
            management.done("PUT", "/exchanges/x", Map.of("type", "topic"));

            answers("409", "type is topic, not direct", "PUT", "/exchanges/x", null);
        }

        @Test
        void deletesItAndAgain() {
            management.done("PUT", "/exchanges/x", null);

            management.done("DELETE", "/exchanges/x", null);
            management.done("DELETE", "/exchanges/x", null);

            assertThat(management.topology.exchanges()).isEmpty();
        }
    }

    @Nested
    @DisplayName("about a binding")
    class Bindings {

        private void made() {
            management.done("PUT", "/exchanges/x", Map.of("type", "headers"));
            management.done("PUT", "/exchanges/y%2Fz", Map.of("type", "fanout"));
            management.declareQueue("q", Map.of());
        }

        private List<?> found(String query) {
            Response response = management.request("GET", "/bindings?" + query, null);
            assertThat(response.code()).as(String.valueOf(response.body())).isEqualTo("200");
            return (List<?>) response.body();
        }

        @Test
        void makesItFindsItAndRemovesItByItsLocation() {
            made();
            management.bind("x", "q", "", Map.of("x-match", "all", "n", 1));
            management.bind("x", "q", "", Map.of("x-match", "all", "n", 2));
            management.bind("x", "q", "", Map.of("x-match", "all", "n", 2));

            List<?> found = found("src=x&dstq=q&key=");
            assertThat(found).hasSize(2).allSatisfy(each -> {
                var binding = (Map<?, ?>) each;
                assertThat(binding.get("source")).isEqualTo("x");
                assertThat(binding.get("destination_queue")).isEqualTo("q");
                assertThat(binding.get("binding_key")).isEqualTo("");
                assertThat((Map<?, ?>) binding.get("arguments")).hasSize(2);
            });
            var first = (Map<?, ?>) found.get(0);
            management.done("DELETE", (String) first.get("location"), null);
            management.done("DELETE", (String) first.get("location"), null);

            assertThat(found("src=x&dstq=q")).isEqualTo(found.subList(1, 2));
            assertThat(found("src=x&dstq=other&key=")).isEmpty();
        }

        @Test
        void removesOneWithoutArgumentsByItsParts() {
            made();
            management.bind("y/z", "q", "a b/#;=", Map.of());

            Map<?, ?> binding =
                    (Map<?, ?>) found("src=y%2Fz&dstq=q&key=a+b/%23;%3D").get(0);
            assertThat(binding.get("location")).isEqualTo("/bindings/src=y%2Fz;dstq=q;key=a%20b%2F%23%3B%3D;args=");
            management.done("DELETE", "/bindings/src=y%2Fz;dstq=q;key=a%20b%2F%23%3B%3D;args=", null);

            assertThat(management.topology.bindings("y/z")).isEmpty();
        }

        @Test
        void bindsExchangeToExchange() {
            made();
            management.done(
                    "POST",
                    "/bindings",
                    Map.of("source", "y/z", "destination_exchange", "x", "binding_key", "k", "arguments", Map.of()));

            assertThat(found("src=y%2Fz&dste=x&key=k"))
                    .singleElement()
                    .satisfies(each -> assertThat(((Map<?, ?>) each).get("destination_exchange"))
                            .isEqualTo("x"));
            management.done("DELETE", "/bindings/src=y%2Fz;dste=x;key=k;args=", null);
            assertThat(management.topology.bindings("y/z")).isEmpty();
        }

        @Test
        void refusesEndsThatDoNotExist() {
            made();

            answers(
                    "400",
                    "no queue 'gone' in vhost '/'",
                    "POST",
                    "/bindings",
                    Map.of("source", "x", "destination_queue", "gone"));
            answers(
                    "400",
                    "no exchange 'gone' in vhost '/'",
                    "POST",
                    "/bindings",
                    Map.of("source", "gone", "destination_queue", "q"));
        }

        @Test
        void refusesTheDefaultExchangeAndBadBodies() {
            made();
            answers("403", "default exchange", "POST", "/bindings", Map.of("source", "", "destination_queue", "q"));
            answers("403", "default exchange", "POST", "/bindings", Map.of("source", "x", "destination_exchange", ""));
            answers("400", "needs 'source'", "POST", "/bindings", Map.of("destination_queue", "q"));
            answers("400", "one of destination_queue", "POST", "/bindings", Map.of("source", "x"));
            answers(
                    "400",
                    "bad property 'routing_key'",
                    "POST",
                    "/bindings",
                    Map.of("source", "x", "destination_queue", "q", "routing_key", "k"));
            var binary = new HashMap<String, Object>();
            binary.put("h", new Binary(new byte[1]));
            answers(
                    "400",
                    "must not be binary",
                    "POST",
                    "/bindings",
                    Map.of("source", "x", "destination_queue", "q", "arguments", binary));
        }

        @Test
        void refusesAnArgumentWithoutValueSinceItWouldMatchMore() {
            made();
            var present = new HashMap<String, Object>();
            present.put("h", null);
            answers(
                    "400",
                    "argument 'h' has no value",
                    "POST",
                    "/bindings",
                    Map.of("source", "x", "destination_queue", "q", "arguments", present));
            assertThat(management.topology.bindings("x")).isEmpty();
        }
    }

    @Nested
    @DisplayName("of a user with permissions")
    class Permitted {

        private ManagementPeer with(String... allowed) {
            return new ManagementPeer((identity, action, resource) ->
                            Arrays.asList(allowed).contains(action + " " + resource))
                    .attached();
        }

        private void ends(ManagementPeer denied, String method, String target, Object body, String words) {
            denied.send("1", method, target, body);
            End end = null;
            while (end == null) {
                end = denied.peer.next().body() instanceof End found ? found : null;
            }
            assertThat((Object) end.getError().getCondition()).isEqualTo(Symbol.valueOf("amqp:unauthorized-access"));
            assertThat(end.getError().getDescription()).contains(words);
        }

        @Test
        void declaresWithDeclareAndDeletesWithManage() {
            ManagementPeer user = with("DECLARE /queues/q", "MANAGE /queues/q", "DECLARE /exchanges/x/");

            assertThat(user.declareQueue("q", Map.of()).code()).isEqualTo("201");
            user.done("PUT", "/exchanges/x", null);
            assertThat(user.request("DELETE", "/queues/q/messages", null).code())
                    .isEqualTo("200");
            assertThat(user.request("DELETE", "/queues/q", null).code()).isEqualTo("200");
        }

        @Test
        void endsTheSessionWhenItMayNot() {
            ends(with(), "PUT", "/queues/q", Map.of(), "may not declare /queues/q");
            ends(with(), "GET", "/queues/q", null, "may not manage /queues/q");
            ends(with("DECLARE /queues/q"), "DELETE", "/queues/q", null, "may not manage /queues/q");
            ends(with("DECLARE /queues/q"), "DELETE", "/queues/q/messages", null, "may not manage /queues/q");
            ends(with(), "PUT", "/exchanges/x", null, "may not declare /exchanges/x/");
            ends(with(), "DELETE", "/exchanges/x", null, "may not manage /exchanges/x/");
            ends(with(), "GET", "/bindings?src=x&dstq=q&key=", null, "may not manage /exchanges/x/");
            ends(with(), "DELETE", "/bindings/src=x;dstq=q;key=;args=", null, "may not manage /exchanges/x/");
        }

        @Test
        void needsConsumeOfTheSourceToBindAndPublishForDeadLetters() {
            ends(
                    with("DECLARE /queues/q"),
                    "POST",
                    "/bindings",
                    Map.of("source", "x", "destination_queue", "q", "binding_key", "k"),
                    "may not consume /exchanges/x/k");
            ends(
                    with("DECLARE /queues/q"),
                    "PUT",
                    "/queues/q",
                    Map.of("arguments", Map.of("x-dead-letter-exchange", "x")),
                    "may not publish /exchanges/x/");
        }
    }
}
