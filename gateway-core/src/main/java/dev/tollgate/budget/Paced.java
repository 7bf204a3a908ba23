package dev.tollgate.budget;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A rate that a request has to keep to, and its bucket at that moment.
///
/// @param counter of the charge the rate is of
record Paced(BudgetCharge charge, Counter counter, Pace pace, TokenBucket bucket) {

    /// Adds those of one charge.
    static void collect(BudgetCharge charge, Counter counter, long nowMillis, List<Paced> into) {
        if (!charge.counts()) {
            return;
        }
        for (var rate : charge.rates()) {
            into.add(of(charge, counter, Pace.of(rate), rate, nowMillis));
        }
        var throttle = begun(charge, counter);
        if (throttle != null) {
            into.add(of(charge, counter, Pace.THROTTLE, throttle.rate(), nowMillis));
        }
    }

    private static Paced of(
            BudgetCharge charge, Counter counter, Pace pace, Rate rate, long nowMillis) {
        var known = counter.lane.bucket(pace);
        var bucket = known == null ? TokenBucket.full(rate, nowMillis) : known.at(nowMillis, rate);
        return new Paced(charge, counter, pace, bucket);
    }

    /// The last that has begun: it is the slowest of a sensible budget.
    private static @Nullable Throttle begun(BudgetCharge charge, Counter counter) {
        var throttles = charge.throttles();
        for (var place = throttles.size() - 1; place >= 0; place--) {
            if (reached(throttles.get(place).from(), counter)) {
                return throttles.get(place);
            }
        }
        return null;
    }

    private static boolean reached(Limits from, Counter counter) {
        for (var measure : Measure.values()) {
            if (from.of(measure) != Limits.NONE_SET && counter.taken(measure) >= from.of(measure)) {
                return true;
            }
        }
        return false;
    }

    /// The most output tokens of one choice that the bucket has room for, or [Room#NONE].
    long output(Ask ask) {
        return Room.output(ask, pace.measure(), bucket.left());
    }

    boolean lacks(Amounts amounts) {
        var asked = amounts.of(pace.measure());
        return asked > 0 && asked > bucket.left();
    }

    long waitMillis(Amounts amounts, long nowMillis) {
        return bucket.waitMillis(amounts.of(pace.measure()), nowMillis);
    }

    Draw draw(Amounts amounts) {
        return new Draw(
                counter.key.budgetId(), counter.key.subject(), pace, amounts.of(pace.measure()));
    }

    Level after(Amounts amounts) {
        return new Level(
                counter.key.budgetId(),
                counter.key.subject(),
                pace,
                bucket.minus(amounts.of(pace.measure())));
    }
}
