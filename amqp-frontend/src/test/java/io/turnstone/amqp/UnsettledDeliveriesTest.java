package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.api.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Unsettled deliveries")
class UnsettledDeliveriesTest {

    private static final AmqpMessage NONE =
            AmqpFormat.INSTANCE.read(io.turnstone.api.Body.Inline.of(new ScriptedPeer().message("m")));

    private final UnsettledDeliveries unsettled = new UnsettledDeliveries();
    private final OutgoingLink link = link("a");
    private final OutgoingLink other = link("b");

    @Test
    void areFoundInARangeAndForgottenWhenTheVisitorSaysSo() {
        add(link, 0, 10);

        assertEquals(List.of(3, 4, 5), take(3, 5));
        assertEquals(List.of(0, 1, 2, 6, 7, 8, 9), take(-100, 100));
        assertEquals(0, unsettled.size());
        assertEquals(0, unsettled.span());
    }

    @Test
    @Spec(section = "2.7.6", says = "first and last are serial numbers")
    void wrap() {
        add(link, -5, 5);

        assertEquals(List.of(-1, 0, 1), take(-1, 1));
        assertEquals(List.of(-5, -4, -3, -2, 2, 3, 4), take(-1000, 1000));
    }

    @Test
    void areNotFoundInARangeThatGoesBackwards() {
        add(link, 0, 3);

        assertEquals(List.of(), take(2, 1));
        assertEquals(3, unsettled.size());
    }

    @Test
    void stayWhenTheVisitorDoesNotSettle() {
        add(link, 0, 3);

        unsettled.visit(0, 2, (l, d, id) -> false);

        assertEquals(3, unsettled.size());
    }

    @Test
    void takeNoMoreRoomBecauseOneOfThemIsNeverSettled() {
        add(link, 0, 1);
        for (int id = 1; id < 1_000_000; id++) {
            add(link, id, id + 1);
            assertEquals(List.of(id), take(id, id));
        }

        assertTrue(unsettled.span() <= 32, unsettled.span() + " places for one delivery");
        assertEquals(List.of(0), take(0, -2_000_000_000 + Integer.MAX_VALUE));
    }

    @Test
    void goWithTheirLink() {
        for (int id = 0; id < 100; id++) {
            add(id % 2 == 0 ? link : other, id, id + 1);
        }

        unsettled.removeAll(link);

        assertEquals(50, unsettled.size());
        assertEquals(List.of(1, 3, 5), take(0, 5));
    }

    @Test
    void mayBeAddedAndRemovedByTheVisitor() {
        add(link, 0, 14);
        add(other, 14, 16);
        var seen = new ArrayList<Integer>();

        unsettled.visit(0, 1000, (l, d, id) -> {
            seen.add(id);
            if (id == 0) {
                unsettled.removeAll(other);
                add(link, 100, 200);
            }
            return true;
        });

        assertEquals(14, seen.size());
        assertEquals(100, unsettled.size());
    }

    @Test
    void agreeWithAMapUnderRandomUse() {
        var random = new Random(20261122);
        var model = new TreeMap<Long, OutgoingLink>();
        long next = 0xffff_ff00L;
        for (int round = 0; round < 50_000; round++) {
            int choice = random.nextInt(10);
            if (choice < 6) {
                next += random.nextInt(8) == 0 ? 1 + random.nextInt(5) : 1;
                OutgoingLink owner = random.nextBoolean() ? link : other;
                if (!model.containsKey(next)) {
                    unsettled.add((int) next, owner, new MemoryQueue.Entry(NONE, 0));
                    model.put(next, owner);
                }
            } else if (choice < 9) {
                long first = next - random.nextInt(200);
                long last = first + random.nextInt(choice == 6 ? 1 : 60);
                var expected = model.subMap(first, true, last, true);
                var ids = expected.keySet().stream().map(Long::intValue).toList();
                assertEquals(ids, take((int) first, (int) last));
                expected.clear();
            } else if (random.nextInt(500) == 0) {
                unsettled.removeAll(link);
                model.values().removeIf(owner -> owner == link);
            }
            assertEquals(model.size(), unsettled.size());
        }
    }

    private void add(OutgoingLink owner, int from, int to) {
        for (int id = from; id < to; id++) {
            unsettled.add(id, owner, new MemoryQueue.Entry(NONE, 0));
        }
    }

    private List<Integer> take(int first, int last) {
        var taken = new ArrayList<Integer>();
        unsettled.visit(first, last, (OutgoingLink l, Delivery d, int id) -> taken.add(id));
        return taken;
    }

    private static OutgoingLink link(String name) {
        var peer = new ScriptedPeer();
        Attach attach = peer.attach(name, 0, Role.RECEIVER, "q");
        var session = new AmqpSession(peer.connection, 0, 0, peer.begin());
        return new OutgoingLink(session, new LinkName(name, false), attach);
    }
}
