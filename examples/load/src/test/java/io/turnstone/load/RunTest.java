package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("A run")
@Timeout(60)
class RunTest {

    private static final int WARM_UP = 100;
    private static final int MEASURED = 1000;

    @Test
    void findsThatAllArrived() throws Exception {
        try (var broker = new FakeBroker(131_072)) {
            Figures figures = run(broker, Plan.Messages.plain(100, false, true, 1, true), 0);

            assertThat(figures.good()).isTrue();
            assertThat(figures.measured()).isEqualTo(MEASURED);
            assertThat(figures.tally().sent).isEqualTo(WARM_UP + MEASURED);
            assertThat(figures.tally().latency.getTotalCount()).isEqualTo(MEASURED);
        }
    }

    @Test
    void waitsForEachOutcomeAndPutsLargeMessagesTogether() throws Exception {
        try (var broker = new FakeBroker(512)) {
            Figures figures = run(broker, Plan.Messages.plain(5000, true, false, 10, true), 0);

            assertThat(figures.good()).isTrue();
            assertThat(figures.tally().settled).isEqualTo(WARM_UP + MEASURED);
            assertThat(figures.tally().confirm.getTotalCount()).isEqualTo(MEASURED);
        }
    }

    @Test
    void keepsToARate() throws Exception {
        try (var broker = new FakeBroker(131_072)) {
            Figures figures = run(broker, Plan.Messages.plain(100, false, true, 1, false), 5000);

            assertThat(figures.good()).isTrue();
            assertThat(figures.tally().late.getTotalCount()).isEqualTo(MEASURED);
            assertThat(figures.tally().sending.rate()).isLessThan(10_000);
        }
    }

    @Test
    void countsTheLost() throws Exception {
        try (var broker = new FakeBroker(131_072)) {
            broker.lose = WARM_UP + 500;
            Figures figures = run(broker, Plan.Messages.plain(100, false, true, 1, false), 0);

            assertThat(figures.lost()).isEqualTo(1);
            assertThat(figures.gaveUp()).isTrue();
            assertThat(figures.good()).isFalse();
        }
    }

    @Test
    void countsTheRepeatedEvenAtTheEnd() throws Exception {
        try (var broker = new FakeBroker(131_072)) {
            broker.repeat = WARM_UP + MEASURED - 1;
            Figures figures = run(broker, Plan.Messages.plain(100, false, true, 1, false), 0);

            assertThat(figures.repeated()).isEqualTo(1);
            assertThat(figures.good()).isFalse();
        }
    }

    @Test
    void countsTheReordered() throws Exception {
        try (var broker = new FakeBroker(131_072)) {
            broker.holdBack = WARM_UP + 7;
            Figures figures = run(broker, Plan.Messages.plain(100, false, true, 1, false), 0);

            assertThat(figures.tally().reordered).isEqualTo(1);
            assertThat(figures.lost()).isZero();
        }
    }

    @Test
    void saysThatNobodyListens() throws Exception {
        var broker = new FakeBroker(512);
        broker.close();

        assertThatThrownBy(() -> run(broker, Plan.Messages.plain(100, false, true, 1, false), 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1");
    }

    private static Figures run(FakeBroker broker, Plan.Messages messages, double rate) throws Exception {
        var plan = new Plan(
                BrokerUrl.parse(broker.url()),
                new Plan.Links("q", "q", 1, 1, 1, 2, 1, 100, false),
                messages,
                new Plan.Pace(Plan.Amount.messages(WARM_UP), Plan.Amount.messages(MEASURED), rate, 1000));
        return new Run(plan, Optional.empty()).measure();
    }
}
