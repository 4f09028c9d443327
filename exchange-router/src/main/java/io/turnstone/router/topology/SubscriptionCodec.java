package io.turnstone.router.topology;

import io.turnstone.api.Address;
import io.turnstone.api.Subscription;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The end of a queue's definition: of which subscription it has the messages. Pure, any thread. */
final class SubscriptionCodec {

    private SubscriptionCodec() {}

    static void write(DataOutputStream out, @Nullable Subscription subscription) throws IOException {
        out.writeBoolean(subscription != null);
        if (subscription == null) {
            return;
        }
        Subscription.Key key = subscription.key();
        ValueCodec.writeText(out, key.container());
        ValueCodec.writeText(out, key.name());
        out.writeBoolean(key.shared());
        out.writeBoolean(key.durable());
        if (subscription.source() instanceof Address.Exchange exchange) {
            String bindingKey = exchange.key();
            out.writeByte(bindingKey == null ? 'x' : 'k');
            ValueCodec.writeText(out, exchange.name());
            ValueCodec.writeText(out, bindingKey == null ? "" : bindingKey);
            ValueCodec.writeMap(out, exchange.arguments());
        } else {
            out.writeByte('t');
            ValueCodec.writeText(out, subscription.exchange());
        }
        Subscription.Selection selection = subscription.selection();
        ValueCodec.writeText(out, selection.format());
        ValueCodec.writeText(out, selection.filter());
        out.writeBoolean(selection.noLocal());
        out.writeLong(subscription.expiresMs());
    }

    static @Nullable Subscription read(DataInputStream in) throws IOException {
        if (!in.readBoolean()) {
            return null;
        }
        var key = new Subscription.Key(
                ValueCodec.readText(in), ValueCodec.readText(in), in.readBoolean(), in.readBoolean(), 0);
        Address source = source(in);
        var selection = new Subscription.Selection(ValueCodec.readText(in), ValueCodec.readText(in), in.readBoolean());
        return new Subscription(key, source, selection, in.readLong());
    }

    private static Address source(DataInputStream in) throws IOException {
        int kind = in.readByte();
        String name = ValueCodec.readText(in);
        if (kind == 't') {
            return new Address.Topic(name);
        }
        String bindingKey = ValueCodec.readText(in);
        return new Address.Exchange(name, kind == 'x' ? null : bindingKey, ValueCodec.readMap(in));
    }
}
