package dev.tollgate.price;

import dev.tollgate.tokens.Usage;

/// What a model's tokens cost, in pico-USD a token ($1 a million tokens is 1,000,000 pico-USD).
///
/// @param version names the row of the price list, for the ledger
/// @param toolCallPico a server-side tool call
public record Price(
        String version,
        long uncachedInputPico,
        long cacheReadPico,
        long cacheWrite5mPico,
        long cacheWrite1hPico,
        long outputPico,
        long toolCallPico) {

    public static final Price FREE = new Price("free", 0, 0, 0, 0, 0, 0);

    /// The cost of `usage`, rounded up once. Saturates instead of overflowing.
    public Money cost(Usage usage) {
        try {
            var pico =
                    sum(
                            Math.multiplyExact(usage.uncachedInput(), uncachedInputPico),
                            Math.multiplyExact(usage.cacheRead(), cacheReadPico),
                            Math.multiplyExact(usage.cacheWrite5m(), cacheWrite5mPico),
                            Math.multiplyExact(usage.cacheWrite1h(), cacheWrite1hPico),
                            Math.multiplyExact(usage.output(), outputPico),
                            Math.multiplyExact(usage.toolCalls(), toolCallPico));
            return Money.ceilOfPicoUsd(pico);
        } catch (ArithmeticException _) {
            return new Money(Long.MAX_VALUE / 1000);
        }
    }

    /// The dearest a token of input can be.
    public long inputPicoMax() {
        return Math.max(
                Math.max(uncachedInputPico, cacheReadPico),
                Math.max(cacheWrite5mPico, cacheWrite1hPico));
    }

    private static long sum(long... parts) {
        var total = 0L;
        for (var part : parts) {
            total = Math.addExact(total, part);
        }
        return total;
    }
}
