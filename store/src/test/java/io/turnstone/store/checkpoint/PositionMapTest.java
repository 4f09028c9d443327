package io.turnstone.store.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A map of positions")
final class PositionMapTest {

    @Test
    void holdsWhatAHashMapHolds() {
        var random = new Random(8);
        var map = new PositionMap();
        var model = new HashMap<Long, Long>();
        for (int i = 0; i < 100_000; i++) {
            long key = 1L + random.nextInt(400);
            int kind = random.nextInt(1000);
            if (kind < 500) {
                map.put(key, i + 1L);
                model.put(key, i + 1L);
            } else if (kind < 998) {
                map.remove(key);
                model.remove(key);
            } else {
                long limit = (long) i - random.nextInt(300);
                map.removeBelow(limit);
                model.values().removeIf(value -> value < limit);
            }
            assertThat(map.get(key)).isEqualTo(model.getOrDefault(key, 0L));
            assertThat(map.size()).isEqualTo(model.size());
        }
        for (long key = 1; key <= 400; key++) {
            assertThat(map.get(key)).isEqualTo(model.getOrDefault(key, 0L));
        }
    }
}
