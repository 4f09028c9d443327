package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The memory of a Java broker")
class JavaMemoryTest {

    @Test
    void isTheTotalOfTheLiveObjects() throws IOException {
        assertThat(JavaMemory.liveHeap(Stream.of("   1:   4000   96000  [B", "Total         12345        6789012")))
                .isEqualTo(6_789_012);
    }

    @Test
    void outsideTheHeapIsWhatNativeMemoryTrackingCallsOther() {
        assertThat(JavaMemory.direct(Stream.of(
                        "-                     Class (reserved=1048672KB, committed=3744KB)",
                        "-                     Other (reserved=4242KB, committed=4240KB)")))
                .hasValue(4240 << 10);
        assertThat(JavaMemory.direct(Stream.of("Native memory tracking is not enabled")))
                .isEmpty();
    }

    @Test
    void ofThisProcessCanBeAsked() throws IOException {
        long pid = ProcessHandle.current().pid();

        assertThat(new JavaMemory(pid).liveHeapBytes()).isPositive();
        assertThat(BrokerProcess.of(pid).residentBytes())
                .isPositive()
                .isLessThanOrEqualTo(BrokerProcess.of(pid).peakResidentBytes());
    }
}
