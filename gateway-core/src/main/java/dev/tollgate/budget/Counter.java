package dev.tollgate.budget;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One counter's state. Mutable, changed only by its [Book]'s thread.
///
/// What is posted is what was settled plus what checkpoints have told of open holds. Sums cannot
/// overflow: settled amounts stop at [#POSTED_MAX], and the open holds of a full book add up to at
/// most as much again, twice ([Book#AMOUNT_MAX]).
final class Counter {

    static final long POSTED_MAX = 1L << 61;

    private static final Measure[] MEASURES = Measure.values();

    final CounterKey key;
    final Lane lane;
    final Tally settled = new Tally();
    final Tally soFar = new Tally();
    final Tally held = new Tally();

    long windowEnd;

    /// Whether `settled` includes what the ledger has.
    boolean seeded;

    /// Open holds and unbooked entries that refer to this counter; it stays while there are any.
    int openHolds;

    int unbooked;

    /// What was settled when the counter was seeded: thresholds up to there were told before.
    private Amounts seed = Amounts.NONE;

    private final List<BookImage.Crossed> crossed = new ArrayList<>(0);

    // Neighbours in the list of counters that may leave; see Counters.
    @Nullable Counter before;
    @Nullable Counter after;
    boolean idle;
    boolean known;

    Counter(CounterKey key, Lane lane, long windowEnd, boolean seeded) {
        this.key = key;
        this.lane = lane;
        this.windowEnd = windowEnd;
        this.seeded = seeded;
    }

    boolean needed() {
        return openHolds > 0 || unbooked > 0;
    }

    /// Sets what the ledger has. Entries it lacks are added by [#settle].
    void seed(Amounts value) {
        settled.clear();
        settle(value);
        seed = settled.amounts();
        seeded = true;
    }

    void settle(Amounts used) {
        settled.addUpTo(POSTED_MAX, used);
    }

    /// Forgets what was settled, but not what was told.
    void unseed() {
        settled.clear();
        seed = Amounts.NONE;
        seeded = false;
    }

    long posted(Measure measure) {
        return of(measure, settled) + of(measure, soFar);
    }

    long taken(Measure measure) {
        return posted(measure) + of(measure, held);
    }

    Standing standing(BudgetCharge charge) {
        return new Standing(
                key,
                charge.budget(),
                charge.limits(),
                settled.amounts().plus(soFar.amounts()),
                held.amounts(),
                charge.windowEnd());
    }

    /// The smallest share of a limit that is left when `more` is taken, 1 and more when there is no
    /// limit.
    double shareLeft(Limits limits, Amounts more) {
        if (limits.equals(Limits.UNLIMITED)) {
            return 2;
        }
        var least = 2.0;
        for (var measure : MEASURES) {
            var limit = limits.of(measure);
            if (limit != Limits.NONE_SET) {
                var left = Math.max(0, limit - taken(measure) - more.of(measure));
                least = Math.min(least, limit == 0 ? 0 : (double) left / limit);
            }
        }
        return least;
    }

    /// Collects the thresholds that settled amounts pass with `used` and that were not told yet.
    void collectCrossings(BudgetCharge charge, Amounts used, List<OutboxEntry.Crossing> into) {
        var thresholds = charge.alertsPerMille();
        if (thresholds.isEmpty() || !seeded) {
            return;
        }
        var after = settled.plusUpTo(POSTED_MAX, used);
        for (var measure : MEASURES) {
            var limit = charge.limits().of(measure);
            if (limit != Limits.NONE_SET) {
                collectCrossings(measure, limit, after.of(measure), thresholds, into);
            }
        }
    }

    private void collectCrossings(
            Measure measure,
            long limit,
            long used,
            List<Integer> thresholds,
            List<OutboxEntry.Crossing> into) {
        for (var i = 0; i < thresholds.size(); i++) {
            int perMille = thresholds.get(i);
            var point = Math.max(1, Share.ceil(limit, perMille));
            if (used < point) {
                return;
            }
            if (seed.of(measure) < point
                    && !crossed.contains(new BookImage.Crossed(measure, perMille, limit))) {
                into.add(new OutboxEntry.Crossing(key, measure, perMille, limit, used));
            }
        }
    }

    /// Notes thresholds as told.
    void cross(OutboxEntry.Crossing told) {
        crossed.add(new BookImage.Crossed(told.measure(), told.perMille(), told.limit()));
    }

    BookImage.OfCounter image() {
        return new BookImage.OfCounter(key, windowEnd, seeded, settled.amounts(), seed, crossed);
    }

    /// Of a counter that has just begun.
    void restore(BookImage.OfCounter image) {
        settled.set(image.settled());
        seed = image.seed();
        crossed.addAll(image.crossed());
    }

    private static long of(Measure measure, Tally tally) {
        return switch (measure) {
            case REQUESTS -> tally.requests;
            case INPUT_TOKENS -> tally.inputTokens;
            case OUTPUT_TOKENS -> tally.outputTokens;
            case TOTAL_TOKENS -> tally.inputTokens + tally.outputTokens;
            case COST_USD -> tally.costNanoUsd;
        };
    }

    /// The requests in flight of one budget's subject, and its buckets, over all its windows.
    static final class Lane {

        final Key key;
        int openHolds;

        /// Counters that refer to it; it goes with the last.
        int counters;

        private Map<Pace, TokenBucket> buckets = Map.of();

        Lane(Key key) {
            this.key = key;
        }

        /// Null before its rate was ever asked for, when it is full.
        @Nullable TokenBucket bucket(Pace pace) {
            return buckets.get(pace);
        }

        Map<Pace, TokenBucket> buckets() {
            return buckets;
        }

        void set(Pace pace, TokenBucket bucket) {
            if (buckets.isEmpty()) {
                buckets = new EnumMap<>(Pace.class);
            }
            buckets.put(pace, bucket);
        }

        /// Whether forgetting its buckets would change nothing from `nowMillis` on.
        boolean isFull(long nowMillis) {
            for (var bucket : buckets.values()) {
                if (!bucket.at(nowMillis).isFull()) {
                    return false;
                }
            }
            return true;
        }

        record Key(UUID budgetId, String subject) {}
    }
}
