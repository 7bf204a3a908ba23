package dev.tollgate.budget;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The counters of a book, at most so many. Those without open holds or unbooked entries stand in a
/// list, longest unused first, and leave from its front when room is needed.
final class Counters {

    private final int max;
    private final Map<CounterKey, Counter> known = new HashMap<>();
    private final Map<Counter.Lane.Key, Counter.Lane> lanes = new HashMap<>();

    private @Nullable Counter idleFirst;
    private @Nullable Counter idleLast;
    private int idleCount;

    /// Epoch seconds. An unknown counter of a window that begins then or later has never been used.
    private long freshFrom = Long.MAX_VALUE;

    Counters(int max) {
        this.max = max;
    }

    int size() {
        return known.size();
    }

    @Nullable Counter get(CounterKey key) {
        return known.get(key);
    }

    int openHolds(UUID budgetId, String subject) {
        var lane = lanes.get(new Counter.Lane.Key(budgetId, subject));
        return lane == null ? 0 : lane.openHolds;
    }

    /// Whether an unknown counter can start at zero without asking the ledger.
    boolean startsAtZero(CounterKey key) {
        return key.windowStart() >= freshFrom;
    }

    /// A counter that is not yet known here; [#changed] makes it so.
    Counter draft(CounterKey key, long windowEnd, boolean seeded) {
        var laneKey = new Counter.Lane.Key(key.budgetId(), key.subject());
        var lane = lanes.get(laneKey);
        return new Counter(key, lane == null ? new Counter.Lane(laneKey) : lane, windowEnd, seeded);
    }

    /// Whether `more` counters fit when none of `kept` leaves.
    boolean hasRoomFor(int more, @Nullable Counter[] kept) {
        var over = known.size() + more - max;
        if (over <= 0) {
            return true;
        }
        var leaving = idleCount;
        for (var counter : kept) {
            if (counter != null && counter.idle) {
                leaving--;
            }
        }
        return over <= leaving;
    }

    /// To be called after counters began, or their open holds or unbooked entries changed.
    void changed(Counter[] counters) {
        // Those that are known first: one of them must not leave to make room for another.
        var begun = 0;
        for (var counter : counters) {
            if (counter.known) {
                changed(counter);
            } else {
                begun++;
            }
        }
        for (var i = 0; begun > 0 && i < counters.length; i++) {
            if (!counters[i].known) {
                changed(counters[i]);
                begun--;
            }
        }
    }

    void changed(Counter counter) {
        if (!counter.known) {
            add(counter);
        }
        if (counter.needed()) {
            if (counter.idle) {
                unlink(counter);
            }
        } else if (!counter.idle) {
            link(counter);
            // What a journal brought may be more than there is room for, until it is booked.
            evictDownTo(max);
        }
    }

    private void evictDownTo(int size) {
        while (known.size() > size && idleFirst != null) {
            evict(idleFirst);
        }
    }

    private void add(Counter counter) {
        evictDownTo(max - 1);
        known.put(counter.key, counter);
        counter.known = true;
        lanes.putIfAbsent(counter.lane.key, counter.lane);
        counter.lane.counters++;
    }

    /// Forgets what was settled everywhere, for a book that is opened anew.
    void reopen(long openedMillis) {
        while (idleFirst != null) {
            remove(idleFirst);
        }
        known.values().forEach(Counter::unseed);
        // A window that begins in this very millisecond may have been used before.
        freshFrom = Math.floorDiv(openedMillis, 1000L) + 1;
    }

    /// Puts `counters` at the back of the list of those that may leave.
    void touch(@Nullable Counter[] counters) {
        for (var counter : counters) {
            if (counter != null && counter.idle) {
                unlink(counter);
                link(counter);
            }
        }
    }

    private void evict(Counter counter) {
        // From now on an unknown counter of that window or an older one may be this one.
        freshFrom = Math.max(freshFrom, counter.key.windowStart() + 1);
        remove(counter);
    }

    private void remove(Counter counter) {
        unlink(counter);
        known.remove(counter.key);
        counter.known = false;
        if (--counter.lane.counters == 0) {
            lanes.remove(counter.lane.key);
        }
    }

    private void link(Counter counter) {
        var last = idleLast;
        counter.before = last;
        counter.after = null;
        if (last == null) {
            idleFirst = counter;
        } else {
            last.after = counter;
        }
        idleLast = counter;
        counter.idle = true;
        idleCount++;
    }

    private void unlink(Counter counter) {
        var before = counter.before;
        var after = counter.after;
        if (before == null) {
            idleFirst = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            idleLast = before;
        } else {
            after.before = before;
        }
        counter.before = null;
        counter.after = null;
        counter.idle = false;
        idleCount--;
    }
}
