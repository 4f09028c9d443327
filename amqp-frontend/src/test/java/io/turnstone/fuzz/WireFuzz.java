package io.turnstone.fuzz;

import io.turnstone.amqp.MemoryChannel;
import java.nio.ByteBuffer;

/** A connection on which these bytes come, as they are, in reads of a length that the first one says. */
public final class WireFuzz {

    private WireFuzz() {}

    /** One connection. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int piece = (input[0] & 0xff) == 0 ? input.length : input[0] & 0xff;
        var broker = new FuzzBroker(false);
        var socket = new MemoryChannel(broker.loop);
        var connection = broker.accept(socket);
        var witness = new Witness();
        for (int at = 1; at < input.length && !socket.closed(); at += piece) {
            ByteBuffer bytes = ByteBuffer.wrap(input, at, Math.min(piece, input.length - at));
            witness.in(bytes.duplicate());
            broker.loop.within(() -> connection.received(bytes.slice()));
            broker.settle();
            witness.out(socket.look());
        }
        broker.loop.within(connection::closed);
        broker.settle();
        broker.checkNothingHeld(witness.messages);
    }
}
