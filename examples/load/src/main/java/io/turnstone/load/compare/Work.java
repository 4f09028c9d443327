package io.turnstone.load.compare;

import java.io.IOException;
import java.util.List;

/** Something that contenders are measured at; a chapter of the report. Immutable. */
sealed interface Work permits Workload, OwnWork {

    /** As on the command line and in the report. */
    String name();

    /** Its place in the report. */
    int ordinal();

    /** In a sentence. */
    String description();

    /** What the plot shows of it. */
    List<Metric> plotted();

    /** Does it with one contender. */
    void run(Trial trial) throws IOException, InterruptedException;
}
