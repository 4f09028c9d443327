package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The stamp")
class StampTest {

    @Test
    void isFoundBehindTheSectionsThatABrokerAdds() {
        ByteBuffer in = encoded(new Data(new Binary(new byte[500])));

        assertThat(Stamp.find(in, 0, in.limit())).isEqualTo(in.limit() - 500);
    }

    @Test
    void isNotFoundInAShortOrOtherBody() {
        ByteBuffer small = encoded(new Data(new Binary(new byte[Stamp.BYTES - 1])));
        ByteBuffer text = encoded(new AmqpValue("x".repeat(100)));

        assertThat(Stamp.find(small, 0, small.limit())).isEqualTo(-1);
        assertThat(Stamp.find(text, 0, text.limit())).isEqualTo(-1);
    }

    private static ByteBuffer encoded(Section body) {
        Message message = Proton.message();
        message.setDurable(true);
        message.setDeliveryCount(3);
        message.setMessageAnnotations(new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-a"), "b".repeat(400))));
        message.setSubject("s");
        message.setApplicationProperties(new ApplicationProperties(Map.of("k", 1)));
        message.setBody(body);
        var bytes = new byte[4096];
        return ByteBuffer.wrap(bytes, 0, message.encode(bytes, 0, bytes.length));
    }
}
