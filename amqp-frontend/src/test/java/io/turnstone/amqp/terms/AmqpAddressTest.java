package io.turnstone.amqp.terms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.terms.AmqpAddress.Dialect;
import io.turnstone.api.Address;
import java.util.Random;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.Terminus;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("An address")
class AmqpAddressTest {

    @ParameterizedTest(name = "{0} with capability {1}: {2}")
    @CsvSource({
        "/queues/orders,                  ,                Queue orders false",
        "/queues/a%2Fb%20c%25,            ,                Queue a/b c% false",
        "/queues/se%C3%B1or,              ,                Queue señor false",
        "/queues/señor,                   ,                Queue señor false",
        "/queues/a+b,                     ,                Queue a+b false",
        "/queues/orders,                  queue,           Queue orders false",
        "/exchanges/x/k,                  ,                Exchange x k",
        "/exchanges/x/a/b%2Fc,            ,                Exchange x a/b/c",
        "/exchanges/x%2Fy/,               ,                'Exchange x/y '",
        "orders,                          ,                Plain orders",
        "exchange/key,                    ,                Plain exchange/key",
        "orders,                          queue,           Queue orders true",
        "orders,                          temporary-queue, Queue orders false",
        "prices,                          topic,           Topic prices",
        "queue://orders,                  ,                Queue orders true",
        "topic://prices,                  ,                Topic prices",
        "prices::mine,                    ,                Queue mine false",
        "mine::mine,                      ,                Queue mine true",
        "::mine,                          ,                Queue mine true",
        "orders?consumer-priority=50,     ,                Plain orders",
        "what?,                           ,                Plain what?",
        "amqps://broker.example/orders,   ,                Plain orders",
        "amqp://127.0.0.1:5672/orders,    queue,           Queue orders true",
        "amqps://broker/prices,           topic,           Topic prices",
        "amqps://broker/exchange/key,     ,                Plain exchange/key",
        "amqps://broker/a%20b,            ,                Plain a b",
        "amqps://broker/queues/a%2Fb,     ,                Queue a/b false",
        "amqps://broker/exchanges/x/k,    ,                Exchange x k",
    })
    void isUnderstoodInEachDialect(String text, String capability, String expected) {
        assertThat(describe(AmqpAddress.ofTarget(target(text, capability), "d").address()))
                .isEqualTo(expected);
        assertThat(describe(AmqpAddress.ofSource(source(text, capability), "d").address()))
                .isEqualTo(expected);
    }

    @Test
    void ofAnExchangeAloneMeansNoKeyToSendAndEverythingToReceive() {
        assertThat(AmqpAddress.ofTarget(target("/exchanges/x", null), "d").address())
                .isEqualTo(new Address.Exchange("x", ""));
        assertThat(AmqpAddress.ofSource(source("/exchanges/x", null), "d").address())
                .isEqualTo(new Address.Exchange("x", null));
    }

    @Test
    void thatIsMissingIsAnonymousForATargetOnly() {
        for (Target target : new Target[] {null, new Target(), target("", null)}) {
            assertThat(AmqpAddress.ofTarget(target, "d").address()).isEqualTo(new Address.Anonymous());
        }
        assertThatExceptionOfType(LinkError.class)
                .isThrownBy(() -> AmqpAddress.ofSource(new Source(), "d"))
                .satisfies(error -> assertThat(error.condition().toString()).isEqualTo("amqp:invalid-field"));
        assertThatExceptionOfType(LinkError.class)
                .isThrownBy(() -> AmqpAddress.ofSource(null, "d"))
                .satisfies(error -> assertThat(error.condition().toString()).isEqualTo("amqp:not-found"));
        assertThatExceptionOfType(LinkError.class)
                .isThrownBy(() -> AmqpAddress.ofTarget(new Coordinator(), "d"))
                .satisfies(error -> assertThat(error.condition().toString()).isEqualTo("amqp:not-implemented"));
    }

    @Test
    void ofADynamicNodeIsWrittenAsItsClientReadsIt() {
        var plain = source(null, null);
        plain.setDynamic(true);
        var path = source(null, "temporary-queue");
        path.setDynamic(true);
        var creator = target(null, "temporary-queue");
        creator.setDynamic(true);

        assertThat(AmqpAddress.ofSource(plain, "d"))
                .isEqualTo(new AmqpAddress(new Address.Dynamic("d"), Dialect.PLAIN, 0));
        assertThat(AmqpAddress.ofSource(path, "d"))
                .isEqualTo(new AmqpAddress(new Address.Dynamic("d"), Dialect.PATH, 0));
        assertThat(AmqpAddress.ofTarget(creator, "d"))
                .isEqualTo(new AmqpAddress(new Address.Dynamic("d"), Dialect.PLAIN, 0));
        assertThat(AmqpAddress.write("a/b ñ%~", Dialect.PATH)).isEqualTo("/queues/a%2Fb%20%C3%B1%25~");
        assertThat(AmqpAddress.write("a/b ñ", Dialect.PLAIN)).isEqualTo("a/b ñ");
    }

    @Test
    void ofAMessageNeverMakesAQueue() {
        assertThat(AmqpAddress.ofTo("queue://orders", Destination.ANY).address())
                .isEqualTo(new Address.Queue("orders", false));
        assertThat(AmqpAddress.ofTo("/queues/orders", Destination.ANY).address())
                .isEqualTo(new Address.Queue("orders", false));
        assertThat(AmqpAddress.ofTo("orders", Destination.ANY).address()).isEqualTo(new Address.Plain("orders"));
        for (String missing : new String[] {null, ""}) {
            assertThatExceptionOfType(LinkError.class)
                    .isThrownBy(() -> AmqpAddress.ofTo(missing, Destination.ANY))
                    .satisfies(error -> assertThat(error.condition().toString()).isEqualTo("amqp:precondition-failed"));
        }
    }

    @Test
    void carriesAConsumerPriority() {
        assertThat(AmqpAddress.ofSource(source("orders?consumer-priority=50", null), "d")
                        .consumerPriority())
                .isEqualTo(50);
        assertThat(AmqpAddress.ofSource(source("a::b?consumer-priority=-3", null), "d"))
                .isEqualTo(new AmqpAddress(new Address.Queue("b", false), Dialect.PLAIN, -3));
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource({
        "/queues/,                    amqp:invalid-field,   has 0 characters",
        "/queues/a%2,                 amqp:invalid-field,   write % as %25",
        "/queues/a%zz,                amqp:invalid-field,   write % as %25",
        "/queues/%ff,                 amqp:invalid-field,   write % as %25",
        "/queues/%00,                 amqp:invalid-field,   control characters",
        "/exchanges/,                 amqp:invalid-field,   has 0 characters",
        "/exchanges//k,               amqp:invalid-field,   has 0 characters",
        "/exchanges/amq.default/k,    amqp:invalid-field,   default exchange",
        "/exchanges/x/%,              amqp:invalid-field,   write % as %25",
        "/queue/q,                    amqp:invalid-field,   amqp_address_v1_not_permitted",
        "/queue,                      amqp:invalid-field,   amqp_address_v1_not_permitted",
        "/exchange/x/k,               amqp:invalid-field,   amqp_address_v1_not_permitted",
        "/topic/k,                    amqp:invalid-field,   amqp_address_v1_not_permitted",
        "/amq/queue/q,                amqp:invalid-field,   amqp_address_v1_not_permitted",
        "/other,                      amqp:invalid-field,   must be /queues/NAME",
        "/,                           amqp:invalid-field,   must be /queues/NAME",
        "/management,                 amqp:not-allowed,     management",
        "$management,                 amqp:not-found,       $management",
        "$cbs,                        amqp:not-found,       $cbs",
        "orders/$management,          amqp:not-found,       orders/$management",
        "queue://,                    amqp:invalid-field,   has 0 characters",
        "a::,                         amqp:invalid-field,   has 0 characters",
        "a?b=c,                       amqp:invalid-field,   consumer-priority=NUMBER",
        "a?consumer-priority=x,       amqp:invalid-field,   whole number",
        "?consumer-priority=1,        amqp:invalid-field,   has 0 characters",
    })
    void thatMakesNoSenseIsRefused(String text, String condition, String message) {
        assertThatExceptionOfType(LinkError.class)
                .isThrownBy(() -> AmqpAddress.ofSource(source(text, null), "d"))
                .withMessageContaining(message)
                .satisfies(error -> assertThat(error.condition().toString()).isEqualTo(condition));
    }

    @Test
    void thatIsTooLongIsRefusedWithoutRepeatingAllOfIt() {
        for (String text : new String[] {"/queues/" + "a".repeat(256), "a".repeat(512), "/x" + "y".repeat(9000)}) {
            assertThatExceptionOfType(LinkError.class)
                    .isThrownBy(() -> AmqpAddress.ofSource(source(text, null), "d"))
                    .satisfies(error -> assertThat(error.description()).hasSizeLessThan(400));
        }
    }

    @Test
    void survivesTheWayThereAndBack() {
        var random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            String name = random.ints(1 + random.nextInt(50), 32, 0x500)
                    .filter(c -> !Character.isISOControl(c))
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .append('x')
                    .toString();

            String address = AmqpAddress.write(name, Dialect.PATH);

            assertThat(address).matches("/queues/[A-Za-z0-9._~%-]+");
            assertThat(AmqpAddress.ofTo(address, Destination.ANY).address()).isEqualTo(new Address.Queue(name, false));
        }
    }

    private static String describe(Address address) {
        if (address instanceof Address.Queue queue) {
            return "Queue " + queue.name() + " " + queue.mayCreate();
        }
        if (address instanceof Address.Topic topic) {
            return "Topic " + topic.name();
        }
        if (address instanceof Address.Exchange exchange) {
            return "Exchange " + exchange.name() + " " + exchange.key();
        }
        return "Plain " + ((Address.Plain) address).name();
    }

    private static Target target(String address, String capability) {
        return terminus(new Target(), address, capability);
    }

    private static Source source(String address, String capability) {
        return terminus(new Source(), address, capability);
    }

    private static <T extends Terminus> T terminus(T terminus, String address, String capability) {
        terminus.setAddress(address);
        if (capability != null) {
            terminus.setCapabilities(Symbol.valueOf("other"), Symbol.valueOf(capability));
        }
        return terminus;
    }
}
