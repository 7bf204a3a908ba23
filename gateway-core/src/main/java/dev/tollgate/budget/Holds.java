package dev.tollgate.budget;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A book's open holds, in the order they were taken: what is done to all of them is done in the
/// same order on a copy.
final class Holds {

    private static final Comparator<OpenHold> BY_ID = Comparator.comparing(hold -> hold.id);

    private final Map<UUID, OpenHold> open = new LinkedHashMap<>();
    private long bytes;

    int size() {
        return open.size();
    }

    /// That their rows may take.
    long bytes() {
        return bytes;
    }

    @Nullable OpenHold get(UUID id) {
        return open.get(id);
    }

    Collection<OpenHold> all() {
        return open.values();
    }

    List<OpenHold> of(Collection<UUID> incarnations) {
        var found = new ArrayList<OpenHold>();
        for (var hold : open.values()) {
            if (incarnations.contains(hold.incarnation)) {
                found.add(hold);
            }
        }
        return found;
    }

    /// The first `max` by id, after `after`.
    List<OpenHold> page(UUID after, int max, Predicate<OpenHold> which) {
        var first = new PriorityQueue<>(BY_ID.reversed());
        for (var hold : open.values()) {
            if (hold.id.compareTo(after) > 0 && which.test(hold)) {
                first.add(hold);
                if (first.size() > max) {
                    first.remove();
                }
            }
        }
        var page = new ArrayList<>(first);
        page.sort(BY_ID);
        return page;
    }

    /// Opens one and takes what it holds from its counters.
    void put(OpenHold hold) {
        open.put(hold.id, hold);
        bytes += hold.bytes();
        var counted = hold.counted;
        var rest = hold.rest();
        var elasticRest = hold.elasticRest();
        for (var i = 0; i < counted.counters.length; i++) {
            var counter = counted.counters[i];
            counter.soFar.add(hold.soFar);
            counter.held.add(counted.charges[i].elastic() ? elasticRest : rest);
            counter.openHolds++;
            counter.lane.openHolds++;
        }
    }

    /// Ends one and gives back what it held.
    void remove(OpenHold hold) {
        open.remove(hold.id);
        bytes -= hold.bytes();
        var counted = hold.counted;
        var rest = hold.rest();
        var elasticRest = hold.elasticRest();
        for (var i = 0; i < counted.counters.length; i++) {
            var counter = counted.counters[i];
            counter.soFar.subtract(hold.soFar);
            counter.held.subtract(counted.charges[i].elastic() ? elasticRest : rest);
            counter.openHolds--;
            counter.lane.openHolds--;
        }
    }
}
