package io.turnstone.store.tools;

import io.turnstone.api.FuzzInputs;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How to have more of it: {@link FuzzInputs}. */
@DisplayName("Whatever happened to its files, a store tells the truth")
final class FuzzTargetsTest {

    private static final long MOST_BYTES = 256 << 20;

    @Test
    void ofItsOwn() throws IOException {
        new FuzzInputs("store", StoreFuzz::fuzzerTestOneInput, 4, 80, MOST_BYTES).run();
    }

    @Test
    void ofExports() throws IOException {
        new FuzzInputs("export", ExportFuzz::fuzzerTestOneInput, 100, 40, MOST_BYTES).run();
    }
}
