package io.turnstone.fuzz;

import io.turnstone.amqp.codec.CodecFuzz;
import io.turnstone.amqp.filter.FilterFuzz;
import io.turnstone.api.FuzzInputs;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How to have more of it: {@link FuzzInputs}. */
@DisplayName("Whatever a peer sends, nothing fails or stays behind")
class FuzzTargetsTest {

    private static final long MOST_BYTES = 64 << 20;

    @Test
    void inConversations() throws IOException {
        new FuzzInputs("conversation", ConversationFuzz::fuzzerTestOneInput, 400, 3_000, MOST_BYTES).run();
    }

    @Test
    void inBytesOfConversations() throws IOException {
        new FuzzInputs("wire", WireFuzz::fuzzerTestOneInput, 100, 1_000, MOST_BYTES).run();
    }

    @Test
    void inFrames() throws IOException {
        new FuzzInputs("codec", CodecFuzz::fuzzerTestOneInput, 3_000, 400, MOST_BYTES).run();
    }

    @Test
    void inMessages() throws IOException {
        new FuzzInputs("message", MessageFuzz::fuzzerTestOneInput, 2_000, 400, MOST_BYTES).run();
    }

    @Test
    void inFilters() throws IOException {
        new FuzzInputs("filter", FilterFuzz::fuzzerTestOneInput, 5_000, 60, MOST_BYTES).run();
    }
}
