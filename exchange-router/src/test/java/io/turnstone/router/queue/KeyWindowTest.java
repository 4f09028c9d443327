package io.turnstone.router.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.MessageKey;
import java.util.LinkedHashMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A window of keys")
class KeyWindowTest {

    private final KeyWindow window = new KeyWindow();

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
}
