package io.turnstone.broker;

import io.turnstone.store.tools.ToolProgress;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/** Shows how far a command is, on a terminal only and on standard error. Used by the thread that runs the command. */
final class ProgressLine implements ToolProgress, AutoCloseable {

    private static final int UPDATE_MS = 250;
    private static final int WIDTH = 79;

    private final boolean terminal = Ansi.AUTO.enabled();
    private String part = "";
    private @Nullable ProgressBar bar;

    @Override
    public void at(String what, long done, long total) {
        if (!terminal) {
            return;
        }
        var shown = bar;
        if (shown == null || !what.equals(part)) {
            close();
            part = what;
            bar = shown = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(total)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(UPDATE_MS)
                    .setMaxRenderedLength(WIDTH)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                    .build();
        }
        shown.stepTo(done);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
