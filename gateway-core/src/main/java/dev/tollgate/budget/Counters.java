package dev.tollgate.budget;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The counters of a book, at most so many. Those without open holds or unbooked entries stand in a
/// list, longest unused first, and leave from its front when room is needed.
final class Counters {

    private int max;
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

    int max() {
        return max;
    }

    long freshFrom() {
        return freshFrom;
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

    /// The counters of `charges`; those not yet known begin with [#changed].
    ///
    /// @param seeded whether those begin at zero, or have to be seeded
    Counter[] of(List<BudgetCharge> charges, boolean seeded) {
        var found = new Counter[charges.size()];
        for (var i = 0; i < found.length; i++) {
            var charge = charges.get(i);
            var counter = known.get(charge.counter());
            found[i] =
                    counter == null ? draft(charge.counter(), charge.windowEnd(), seeded) : counter;
        }
        return found;
    }

    /// The counter of that key, which begins now if it is not yet known.
    Counter begun(CounterKey key, long windowEnd) {
        var counter = known.get(key);
        if (counter == null) {
            counter = draft(key, windowEnd, false);
            changed(counter);
        }
        return counter;
    }

    /// Whether `more` counters fit when none of `kept` leaves.
    boolean hasRoomFor(int more, @Nullable Counter[] kept) {
        var over = known.size() + more - max;
        // What a journal brought may be too much already; what is there needs no room.
        if (more == 0 || over <= 0) {
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
            evictDownTo(max - 1);
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
        known.put(counter.key, counter);
        counter.known = true;
        lanes.putIfAbsent(counter.lane.key, counter.lane);
        counter.lane.counters++;
    }

    /// The bucket of a budget's subject; null when it was never asked for, or is forgotten.
    @Nullable TokenBucket bucket(UUID budgetId, String subject, Pace pace) {
        var lane = lanes.get(new Counter.Lane.Key(budgetId, subject));
        return lane == null ? null : lane.bucket(pace);
    }

    /// A bucket whose subject has no counter any more is left as it was forgotten.
    void set(Level level) {
        var lane = lanes.get(new Counter.Lane.Key(level.budgetId(), level.subject()));
        if (lane != null) {
            lane.set(level.pace(), level.bucket());
        }
    }

    /// All buckets, in an order of their own.
    List<Level> levels() {
        var levels = new ArrayList<Level>();
        for (var lane : lanes.values()) {
            lane.buckets()
                    .forEach((pace, bucket) ->
                            levels.add(
                                    new Level(
                                            lane.key.budgetId(),
                                            lane.key.subject(),
                                            pace,
                                            bucket)));
        }
        levels.sort(
                Comparator.comparing(Level::budgetId)
                        .thenComparing(Level::subject)
                        .thenComparing(Level::pace));
        return levels;
    }

    /// Forgets what was settled everywhere, for a book that is opened anew. Buckets that are not
    /// full stay.
    void reopen(long openedMillis, int max) {
        this.max = max;
        while (idleFirst != null) {
            forget(idleFirst);
        }
        lanes.values().removeIf(lane -> lane.counters == 0 && lane.isFull(openedMillis));
        known.values().forEach(Counter::unseed);
        // A window that begins in this very millisecond may have been used before.
        freshFrom = Math.floorDiv(openedMillis, 1000L) + 1;
    }

    /// The known ones of `keys`, all when there are none, have to be seeded anew; unknown ones do
    /// not begin at zero.
    void unseed(List<CounterKey> keys) {
        if (keys.isEmpty()) {
            known.values().forEach(Counter::unseed);
        }
        for (var key : keys) {
            var counter = known.get(key);
            if (counter == null) {
                freshFrom = Math.max(freshFrom, key.windowStart() + 1);
            } else {
                counter.unseed();
            }
        }
    }

    /// All, those that may leave first and in the order they would.
    List<Counter> all() {
        var all = new ArrayList<Counter>(known.size());
        for (var counter = idleFirst; counter != null; counter = counter.after) {
            all.add(counter);
        }
        for (var counter : known.values()) {
            if (!counter.idle) {
                all.add(counter);
            }
        }
        return all;
    }

    /// Puts the known ones of `seeds` at the back of the list of those that may leave.
    void touch(List<Command.Seed.Seeded> seeds) {
        for (var seed : seeds) {
            var counter = known.get(seed.counter());
            if (counter != null && counter.idle) {
                unlink(counter);
                link(counter);
            }
        }
    }

    // --- restoring, into none ---

    void restore(BookImage.OfCounter image) {
        var counter = draft(image.key(), image.windowEnd(), image.seeded());
        counter.restore(image);
        add(counter);
    }

    /// Everything that needs counters has them.
    void restored(BookImage image) {
        for (var level : image.levels()) {
            lanes.computeIfAbsent(
                            new Counter.Lane.Key(level.budgetId(), level.subject()),
                            Counter.Lane::new)
                    .set(level.pace(), level.bucket());
        }
        max = image.countersMax();
        freshFrom = image.freshFrom();
        for (var one : image.counters()) {
            var counter = known.get(one.key());
            if (counter != null && !counter.needed() && !counter.idle) {
                link(counter);
            }
        }
    }

    /// @throws IllegalArgumentException when one is not known
    Counter[] known(List<CounterKey> keys) {
        var found = new Counter[keys.size()];
        for (var i = 0; i < found.length; i++) {
            var counter = known.get(keys.get(i));
            if (counter == null) {
                throw new IllegalArgumentException("image: no counter " + keys.get(i));
            }
            found[i] = counter;
        }
        return found;
    }

    private void evict(Counter counter) {
        // From now on an unknown counter of that window or an older one may be this one.
        freshFrom = Math.max(freshFrom, counter.key.windowStart() + 1);
        remove(counter);
    }

    private void remove(Counter counter) {
        forget(counter);
        if (counter.lane.counters == 0) {
            lanes.remove(counter.lane.key);
        }
    }

    private void forget(Counter counter) {
        unlink(counter);
        known.remove(counter.key);
        counter.known = false;
        counter.lane.counters--;
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
