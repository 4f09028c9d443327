package io.turnstone.store.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A set of live positions")
final class LiveSetTest {

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void holdsWhatATreeSetHolds(long seed) {
        var random = new Random(seed);
        var set = new LiveSet();
        var model = new TreeSet<Long>();
        long last = 0;
        for (int i = 0; i < 50_000; i++) {
            if (random.nextInt(100) < (i / 10_000 % 2 == 0 ? 60 : 40) || model.isEmpty()) {
                last += 1 + random.nextInt(random.nextInt(20) == 0 ? 1000 : 10);
                long position = random.nextInt(50) == 0 ? last / 2 : last;
                set.add(position);
                model.add(position);
            } else {
                long position = random.nextInt(3) > 0
                        ? model.first()
                        : model.floor(model.first() + (long) (random.nextDouble() * (model.last() - model.first())));
                assertThat(set.remove(position)).isTrue();
                assertThat(set.remove(position)).isFalse();
                model.remove(position);
            }
            assertThat(set.size()).isEqualTo(model.size());
        }
        var held = new ArrayList<Long>();
        set.forEach(held::add);
        assertThat(held).containsExactlyElementsOf(model);
        assertThat(model).allMatch(set::contains);
    }

    @Test
    void tellsTheNextPosition() {
        var random = new Random(5);
        var set = new LiveSet();
        var model = new java.util.TreeSet<Long>();
        for (int i = 0; i < 20_000; i++) {
            long position = random.nextInt(5000);
            if (random.nextBoolean()) {
                set.add(position);
                model.add(position);
            } else {
                set.remove(position);
                model.remove(position);
            }
            long from = random.nextInt(5100);
            Long next = model.ceiling(from);
            assertThat(set.next(from)).isEqualTo(next == null ? -1 : next);
        }
    }
}
