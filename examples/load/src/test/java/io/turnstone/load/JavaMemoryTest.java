package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    @Test
    void addsUpWhatThreadsAllocated() throws Exception {
        var threads = Stream.of(
                "\"main\" #1 prio=5 os_prio=0 cpu=400.25ms elapsed=3.39s allocated=18472K defined_classes=1436 tid=0x1",
                "   java.lang.Thread.State: RUNNABLE",
                "\"Finalizer\" #3 daemon prio=8 cpu=0.18ms elapsed=3.37s allocated=32B defined_classes=0 tid=0x2",
                "\"VM Thread\" os_prio=0 cpu=3.31ms elapsed=3.38s tid=0x3 runnable");

        assertThat(JavaMemory.allocated(threads)).isEqualTo((18472 << 10) + 32);
        assertThatThrownBy(() -> JavaMemory.allocated(Stream.of("no such process")))
                .hasMessageContaining("jcmd");
    }
}
