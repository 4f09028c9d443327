package io.turnstone.router.queue;

import io.turnstone.api.GroupSpec;
import io.turnstone.api.Loop;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which consumer the groups of a queue are with. A group comes to a consumer with its first message, and leaves it when
 * that is closed or the group has been quiet for a while. Nothing of it is stored: after a restart the order of a group is
 * that of the line, and one waits of which messages are kept for a consumer that is away. Owned by the queue's home loop.
 */
final class Groups {

    /** Places that groups share for which there is no room. */
    private static final int SHARED = 1024;

    /** Groups looked at to find one that may be forgotten. */
    private static final int MOST_LOOKS = 16;

    private final Choosers choosers;
    private final GroupSpec spec;
    private final Loop loop;

    /** By name, the one that is longest there first. */
    private final Map<Object, Group> byName = new LinkedHashMap<>();

    /** Those that share a place, by its number. */
    private final Map<Object, Group> shared = new HashMap<>();

    Groups(Choosers choosers, GroupSpec spec, Loop loop) {
        this.choosers = choosers;
        this.spec = spec;
        this.loop = loop;
    }

    private static Integer place(String name) {
        return Math.floorMod(name.hashCode(), SHARED);
    }

    /** The group of an entry, if it is with a consumer or busy. */
    private @Nullable Group of(Entry entry) {
        if (entry.group != null) {
            return entry.group;
        }
        String name = entry.message().group();
        Group group = name == null ? null : byName.get(name);
        if (group != null || name == null || shared.isEmpty()) {
            return group;
        }
        Group crowd = shared.get(place(name));
        return crowd == null || crowd.quiet() ? null : crowd;
    }

    /** Whether a consumer that wants an entry may have it; if not for now, it will be looked at again. */
    boolean allows(Entry entry, Seat seat, ReadyMessages.Cursor frontier) {
        Group group = of(entry);
        if (group == null) {
            return true;
        }
        Seat owner = group.owner;
        if (owner != null && owner != seat) {
            return !owner.wants(entry); // and so it is for others, beside the group
        }
        if (group.blocked()) {
            group.skip(entry, frontier);
            return false;
        }
        return true;
    }

    /** An entry is about to be delivered. */
    void delivers(Entry entry, Seat seat) {
        Group group = findOrMake(entry);
        if (group != null) {
            if (group.owner == null) {
                group.owner = seat;
            }
            if (group.owner == seat) {
                group.takes(entry);
            }
        }
    }

    /** An entry failed and waits for its retry. */
    void delays(Entry entry) {
        Group group = findOrMake(entry);
        if (group != null) {
            group.delays(entry);
        }
    }

    /** A message is kept for a consumer that is away: the group, which waits for it; null when it has none. */
    @Nullable
    Group keeps(Entry entry) {
        Group group = findOrMake(entry);
        if (group != null) {
            group.keeps();
        }
        return group;
    }

    private @Nullable Group findOrMake(Entry entry) {
        Group group = of(entry);
        String name = entry.message().group();
        if (group != null || name == null) {
            return group;
        }
        boolean room = byName.size() < spec.max() || forgetOne();
        Object place = room ? name : place(name);
        var made = new Group(this, place);
        (room ? byName : shared).put(place, made);
        return made;
    }

    private void forget(Group group) {
        (group.place instanceof String ? byName : shared).remove(group.place, group);
    }

    private boolean forgetOne() {
        Iterator<Group> each = byName.values().iterator();
        for (int i = 0; i < MOST_LOOKS && each.hasNext(); i++) {
            if (each.next().quiet()) {
                each.remove();
                return true;
            }
        }
        return false;
    }

    /** Takes the group of an entry from its consumer, if it has been quiet for long enough. */
    void release(Entry entry, long nowMs) {
        Group group = of(entry);
        if (group != null && group.quiet() && nowMs - group.quietSinceMs >= spec.idleMs()) {
            forget(group);
        }
    }

    /** A consumer is gone: its groups wait for what it had, then for others. */
    void closed(Seat seat) {
        closed(seat, byName);
        closed(seat, shared);
    }

    private static void closed(Seat seat, Map<Object, Group> groups) {
        groups.values().removeIf(group -> {
            if (group.owner == seat) {
                group.owner = null;
            }
            return group.owner == null && !group.unsettled();
        });
    }

    void lookAgain(@Nullable Seat owner, ReadyMessages.Cursor from) {
        if (owner == null || owner.choice == null) {
            choosers.lookAgain(from);
        } else {
            choosers.lookAgain(owner.choice, from);
        }
    }

    /** Nothing of a group is unsettled. */
    void quiet(Group group) {
        group.quietSinceMs = loop.now();
        if (group.owner == null) {
            forget(group);
        }
    }
}
