package dev.tollgate.budget;

/// Where a counter stands.
///
/// @param windowEnd epoch seconds; `Long.MAX_VALUE` for a budget without a period
public record Standing(
        CounterKey counter,
        String budget,
        Limits limits,
        Amounts posted,
        Amounts held,
        long windowEnd) {

    /// The same after a hold was replaced by what was used.
    Standing settled(Amounts hold, Amounts used) {
        return new Standing(
                counter, budget, limits, posted.plus(used), held.minus(hold), windowEnd);
    }

    /// What is left of `measure`, never negative; [Limits#NONE_SET] where there is no limit.
    public long remaining(Measure measure) {
        var limit = limits.of(measure);
        return limit == Limits.NONE_SET
                ? Limits.NONE_SET
                : Math.max(0, limit - posted.of(measure) - held.of(measure));
    }
}
