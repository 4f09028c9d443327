package io.turnstone.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Binding;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A persistent map")
class PersistentMapTest {

    /** Keys that often share their hash or most of its bits. */
    private record Colliding(int value) {
        @Override
        public int hashCode() {
            return value % 7 << 27;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void behavesAsAHashMapUnderRandomChanges(long seed) {
        var random = new Random(seed);
        var expected = new HashMap<Object, Integer>();
        PersistentMap<Object, Integer> map = PersistentMap.empty();
        for (int step = 0; step < 20_000; step++) {
            int number = random.nextInt(400);
            Object key = number % 3 == 0 ? new Colliding(number) : "key" + number;
            if (random.nextInt(5) < 2) {
                map = map.without(key);
                expected.remove(key);
            } else {
                map = map.with(key, step);
                expected.put(key, step);
            }
            assertThat(map.get(key)).isEqualTo(expected.get(key));
            assertThat(map.size()).isEqualTo(expected.size());
        }
        assertThat(contents(map)).isEqualTo(expected);
        for (Object key : expected.keySet().toArray()) {
            map = map.without(key);
            expected.remove(key);
            assertThat(contents(map)).hasSameSizeAs(expected);
        }
        assertThat(map.isEmpty()).isTrue();
    }

    @Test
    void isNotSlowedByKeysThatAPeerChoseToCollide() {
        int bits = 14;
        PersistentMap<String, Integer> names = PersistentMap.empty();
        PersistentMap<Binding, Integer> bindings = PersistentMap.empty();
        long begin = System.nanoTime();
        for (int number = 0; number < 1 << bits; number++) {
            var text = new StringBuilder();
            for (int bit = 0; bit < bits; bit++) {
                text.append((number >> bit & 1) == 0 ? "Aa" : "BB");
            }
            names = names.with(text.toString(), number);
            bindings =
                    bindings.with(new Binding("x", "q", false, text.toString(), Map.of("k", text.toString())), number);
        }
        assertThat(names.size()).isEqualTo(1 << bits);
        assertThat(bindings.size()).isEqualTo(1 << bits);
        assertThat(System.nanoTime() - begin).as("ns").isLessThan(3_000_000_000L);
    }

    @Test
    void holdsMoreEqualHashesThanAStackHasFrames() {
        PersistentMap<Object, Integer> map = PersistentMap.empty();
        for (int number = 0; number < 12_000; number++) {
            map = map.with(new Colliding(number * 7), number);
        }
        map = map.with(new Colliding(0), 1).without(new Colliding(7));

        assertThat(map.size()).isEqualTo(11_999);
        assertThat(map.get(new Colliding(0))).isEqualTo(1);
        assertThat(map.get(new Colliding(7))).isNull();
    }

    @Test
    void leavesTheOldMapAsItWas() {
        PersistentMap<String, Integer> one =
                PersistentMap.<String, Integer>empty().with("a", 1);
        PersistentMap<String, Integer> two = one.with("a", 2).with("b", 3);
        PersistentMap<String, Integer> none = two.without("a").without("b");

        assertThat(contents(one)).isEqualTo(Map.of("a", 1));
        assertThat(contents(two)).isEqualTo(Map.of("a", 2, "b", 3));
        assertThat(contents(none)).isEmpty();
    }

    @Test
    void findsASliceOfAText() {
        PersistentMap<String, Integer> map = PersistentMap.<String, Integer>empty()
                .with("eu", 1)
                .with("Aa", 2)
                .with("BB", 3);

        assertThat(PersistentMap.get(map, "order.eu.paid", 6, 8)).isEqualTo(1);
        assertThat(PersistentMap.get(map, "AaBB", 0, 2)).isEqualTo(2);
        assertThat(PersistentMap.get(map, "AaBB", 2, 4)).isEqualTo(3);
        assertThat(PersistentMap.get(map, "order.eu.paid", 6, 9)).isNull();
    }

    private static <K, V> Map<K, V> contents(PersistentMap<K, V> map) {
        var contents = new HashMap<K, V>();
        map.forEach((key, value) -> assertThat(contents.put(key, value)).isNull());
        return contents;
    }
}
