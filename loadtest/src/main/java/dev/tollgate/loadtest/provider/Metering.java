package dev.tollgate.loadtest.provider;

import java.util.Optional;

/// How the tokens of an answer split into classes, and what the answer tells of them.
///
/// @param reasoning hidden output tokens before the first visible one; they count against the
///   requested maximum
/// @param cacheReadShare share of the counted input that is billed as read from the cache
/// @param cacheWrite5mShare likewise written to the five-minute cache
/// @param cacheWrite1hShare likewise written to the one-hour cache
/// @param exact billed and reported in place of any count
public record Metering(
        long reasoning,
        double cacheReadShare,
        double cacheWrite5mShare,
        double cacheWrite1hShare,
        Optional<TokenClasses> exact,
        UsageReport report) {

    public static final Metering PLAIN =
            new Metering(0, 0, 0, 0, Optional.empty(), UsageReport.HONEST);

    public Metering {
        if (cacheReadShare + cacheWrite5mShare + cacheWrite1hShare > 1 + 1e-9) {
            throw new IllegalArgumentException(
                    "shares of the input: "
                            + (cacheReadShare + cacheWrite5mShare + cacheWrite1hShare)
                            + " (expected: <= 1 together)");
        }
    }

    /// Splits `input` counted tokens; the rest of the rounding is uncached.
    TokenClasses split(long input, long output) {
        if (exact.isPresent()) {
            return exact.get();
        }
        var read = (long) (input * cacheReadShare);
        var write5m = (long) (input * cacheWrite5mShare);
        var write1h = (long) (input * cacheWrite1hShare);
        return new TokenClasses(
                input - read - write5m - write1h,
                read,
                write5m,
                write1h,
                output,
                Math.min(reasoning, output));
    }
}
