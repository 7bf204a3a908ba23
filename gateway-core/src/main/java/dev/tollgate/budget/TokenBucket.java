package dev.tollgate.budget;

/// A token bucket: what is left at a moment, and how it fills.
///
/// The level is kept in sixty-thousandths of what the rate counts, so that a millisecond adds
/// exactly `perMinute` of them: no fraction is ever lost or made. Time never goes back: a clock
/// behind [#atMillis] finds the bucket as it is, so several clocks fill it no faster than the
/// foremost.
///
/// @param level below zero when more was used than was taken for it; at most that of a full bucket
/// @param atMillis cluster time the level is of
public record TokenBucket(Rate rate, long level, long atMillis) {

    /// A wait that would never end: more is asked for than the bucket holds.
    static final long NEVER = -1;

    private static final long PARTS = 60_000;

    /// The deepest debt, so that sums cannot overflow.
    private static final long DEBT_MAX = Long.MAX_VALUE / 4;

    public static TokenBucket full(Rate rate, long nowMillis) {
        return new TokenBucket(rate, rate.burst() * PARTS, nowMillis);
    }

    /// The bucket at `nowMillis` under a rate that may have changed. Nobody knows when it did:
    /// since the last change of the level, the newer one counts.
    TokenBucket at(long nowMillis, Rate newer) {
        return newer.equals(rate)
                ? at(nowMillis)
                : new TokenBucket(newer, Math.min(level, newer.burst() * PARTS), atMillis)
                        .at(nowMillis);
    }

    /// The bucket at `nowMillis`.
    TokenBucket at(long nowMillis) {
        if (nowMillis <= atMillis) {
            return this;
        }
        var lacking = rate.burst() * PARTS - level;
        var millis = nowMillis - atMillis;
        var filled =
                millis >= Math.ceilDiv(lacking, rate.perMinute())
                        ? rate.burst() * PARTS
                        : level + millis * rate.perMinute();
        return new TokenBucket(rate, filled, nowMillis);
    }

    /// How many are left, whole ones; none when there are debts.
    long left() {
        return Math.max(0, level / PARTS);
    }

    boolean isFull() {
        return level >= rate.burst() * PARTS;
    }

    /// The milliseconds from `nowMillis` until `amount` is there, or [#NEVER].
    long waitMillis(long amount, long nowMillis) {
        if (amount > rate.burst()) {
            return NEVER;
        }
        var lacking = amount * PARTS - level;
        return lacking <= 0
                ? 0
                : Math.ceilDiv(lacking, rate.perMinute()) + Math.max(0, atMillis - nowMillis);
    }

    /// Takes what is there; what is not becomes a debt.
    TokenBucket minus(long amount) {
        return new TokenBucket(rate, Math.max(-DEBT_MAX, level - parts(amount)), atMillis);
    }

    /// Gives back what was taken and not used; a bucket holds no more than its burst.
    TokenBucket plus(long amount) {
        return new TokenBucket(
                rate, Math.min(rate.burst() * PARTS, level + parts(amount)), atMillis);
    }

    private static long parts(long amount) {
        return amount > DEBT_MAX / PARTS ? DEBT_MAX : amount * PARTS;
    }
}
