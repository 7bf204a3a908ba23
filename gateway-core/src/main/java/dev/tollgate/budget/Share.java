package dev.tollgate.budget;

/// Shares of limits in thousandths, without overflow.
final class Share {

    private Share() {}

    /// `limit` times `perMille`, rounded down; [Limits#NONE_SET] stays.
    static long floor(long limit, int perMille) {
        if (limit == Limits.NONE_SET) {
            return limit;
        }
        return sum(limit / 1000, perMille, limit % 1000 * perMille / 1000);
    }

    /// Rounded up.
    static long ceil(long limit, int perMille) {
        if (limit == Limits.NONE_SET) {
            return limit;
        }
        return sum(limit / 1000, perMille, Math.ceilDiv(limit % 1000 * perMille, 1000L));
    }

    private static long sum(long thousands, int perMille, long rest) {
        if (thousands > (Long.MAX_VALUE - 1 - rest) / Math.max(1, perMille)) {
            return Long.MAX_VALUE - 1;
        }
        return thousands * perMille + rest;
    }
}
