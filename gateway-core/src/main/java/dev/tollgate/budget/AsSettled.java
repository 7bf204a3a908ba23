package dev.tollgate.budget;

import java.util.ArrayList;
import java.util.List;

/// A book's counters and buckets as they would be if a hold were settled; as they were again once
/// it is closed. No change is told.
final class AsSettled implements AutoCloseable {

    private final Counters counters;
    private final OpenHold hold;
    private final Amounts[] settled;
    private final List<Level> levels = new ArrayList<>(0);

    /// @param after where the buckets stand then
    AsSettled(Counters counters, OpenHold hold, Amounts used, List<Level> after) {
        this.counters = counters;
        this.hold = hold;
        this.settled = new Amounts[hold.counted.counters.length];
        for (var i = 0; i < settled.length; i++) {
            var counter = hold.counted.counters[i];
            settled[i] = counter.settled.amounts();
            counter.soFar.subtract(hold.soFar);
            counter.held.subtract(rest(i));
            counter.settle(used);
        }
        for (var level : after) {
            var before = counters.bucket(level.budgetId(), level.subject(), level.pace());
            if (before != null) {
                levels.add(new Level(level.budgetId(), level.subject(), level.pace(), before));
                counters.set(level);
            }
        }
    }

    @Override
    public void close() {
        for (var i = 0; i < settled.length; i++) {
            var counter = hold.counted.counters[i];
            counter.soFar.add(hold.soFar);
            counter.held.add(rest(i));
            counter.settled.set(settled[i]);
        }
        levels.forEach(counters::set);
    }

    private Amounts rest(int place) {
        return hold.counted.charges[place].elastic() ? hold.elasticRest() : hold.rest();
    }
}
