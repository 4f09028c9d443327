package io.turnstone.router.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.StoredRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A window of keys")
class KeyWindowTest {

    private final KeyWindow window = new KeyWindow();
    private final List<Long> gone = new ArrayList<>();

    private static MessageKey key(long key, long atMs, int max) {
        return new MessageKey(1, key, key * 31, atMs, atMs + 100, max);
    }

    @Test
    void knowsAKeyForItsTimeFromTheFirstOnAndNotLonger() {
        assertThat(window.enters(key(7, 0, 10))).isTrue();
        assertThat(window.enters(key(7, 60, 10))).isFalse();
        assertThat(window.enters(key(7, 99, 10))).isFalse();
        assertThat(window.enters(key(7, 100, 10))).isTrue();
        assertThat(window.enters(key(7, 101, 10))).isFalse();
    }

    @Test
    void forgetsTheOldestWhenItIsFull() {
        for (int i = 0; i < 5; i++) {
            assertThat(window.enters(key(i, 0, 4))).isTrue();
        }

        assertThat(window.size()).isEqualTo(4);
        assertThat(window.enters(key(1, 1, 4))).isFalse();
        assertThat(window.enters(key(0, 1, 4))).isTrue();
    }

    @Test
    void decidesLikeAMapWhateverTheKeys() {
        var random = new SplittableRandom(5);
        var model = new LinkedHashMap<Long, Long>();
        long nowMs = 0;
        for (int i = 0; i < 200_000; i++) {
            nowMs += random.nextInt(3) == 0 ? random.nextInt(3) : 0;
            long now = nowMs;
            long key = random.nextInt(1 + random.nextInt(2000));
            model.values().removeIf(untilMs -> untilMs <= now);
            boolean enters = !model.containsKey(key);
            if (enters) {
                if (model.size() == 150) {
                    model.remove(model.keySet().iterator().next());
                }
                model.put(key, nowMs + 100);
            }
            assertThat(window.enters(key(key, nowMs, 150))).isEqualTo(enters);
        }
        assertThat(window.size()).isLessThanOrEqualTo(150);
    }

    private static StoredRun run(long... positions) {
        return new StoredRun(positions, 10L * positions.length, -1);
    }

    private long[] first(long... positions) {
        return window.first(run(positions), gone::add).positions();
    }

    @Test
    void findsWhatACrashDidNotLetItRemove() {
        window.recovered(1, key(7, 0, 10));
        window.recovered(5, key(7, 60, 10));

        assertThat(first(5, 6)).containsExactly(6);
        assertThat(gone).containsExactly(5L);
    }

    @Test
    void doesNotTakeAMessageForOneThatRepeatsAnotherWhichMayHaveRepeatedAThird() {
        window.forgotten(100, 0); // a first one came at 0
        window.recovered(3, key(7, 90, 10)); // and this one did not enter
        window.recovered(5, key(7, 110, 10));
        window.recovered(6, key(8, 120, 10));
        window.recovered(7, key(8, 130, 10));

        assertThat(first(5, 6, 7)).containsExactly(5, 6);
        assertThat(gone).containsExactly(7L);
    }

    @Test
    void isNotCertainOfAnythingUpToWhereTheStoreForgotTooMany() {
        window.forgotten(0, 4);
        window.recovered(3, key(7, 90, 10));
        window.recovered(5, key(7, 110, 10));
        window.recovered(6, key(8, 120, 10));
        window.recovered(7, key(8, 130, 10));

        assertThat(first(5, 6, 7)).containsExactly(5, 6);
    }
}
