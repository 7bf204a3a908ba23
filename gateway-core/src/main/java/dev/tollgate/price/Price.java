package dev.tollgate.price;

import dev.tollgate.tokens.Usage;
import java.util.Map;
import java.util.Optional;

/// What a model's tokens cost, in pico-USD a token ($1 a million tokens is 1,000,000 pico-USD).
///
/// @param version names the row of the price list, for the ledger
/// @param toolCallPico a server-side tool call
/// @param longPrompt what every token of a call costs instead when its input is long; empty when
///   length does not matter
/// @param tiersPerMille factors, in thousandths, for the service tiers an answer can name; other
///   tiers cost the same
public record Price(
        String version,
        long uncachedInputPico,
        long cacheReadPico,
        long cacheWrite5mPico,
        long cacheWrite1hPico,
        long outputPico,
        long toolCallPico,
        Optional<LongPrompt> longPrompt,
        Map<String, Integer> tiersPerMille) {

    public static final Price FREE = new Price("free", 0, 0, 0, 0, 0, 0);

    public Price {
        tiersPerMille = Map.copyOf(tiersPerMille);
    }

    public Price(
            String version,
            long uncachedInputPico,
            long cacheReadPico,
            long cacheWrite5mPico,
            long cacheWrite1hPico,
            long outputPico,
            long toolCallPico) {
        this(
                version,
                uncachedInputPico,
                cacheReadPico,
                cacheWrite5mPico,
                cacheWrite1hPico,
                outputPico,
                toolCallPico,
                Optional.empty(),
                Map.of());
    }

    /// The price of calls whose input, cached or not, has more than `inputTokensAbove` tokens.
    public record LongPrompt(long inputTokensAbove, Price price) {}

    /// The cost of `usage` in the default service tier, rounded up once.
    public Money cost(Usage usage) {
        return cost(usage, "");
    }

    /// The cost of `usage` in the service tier the answer named, rounded up once. Saturates instead
    /// of overflowing.
    public Money cost(Usage usage, String serviceTier) {
        if (longPrompt.isPresent() && usage.input() > longPrompt.get().inputTokensAbove()) {
            return longPrompt.get().price().cost(usage, serviceTier);
        }
        try {
            var pico =
                    sum(
                            Math.multiplyExact(usage.uncachedInput(), uncachedInputPico),
                            Math.multiplyExact(usage.cacheRead(), cacheReadPico),
                            Math.multiplyExact(usage.cacheWrite5m(), cacheWrite5mPico),
                            Math.multiplyExact(usage.cacheWrite1h(), cacheWrite1hPico),
                            Math.multiplyExact(usage.output(), outputPico),
                            Math.multiplyExact(usage.toolCalls(), toolCallPico));
            var perMille = tiersPerMille.getOrDefault(serviceTier, 1000);
            return Money.ceilOfPicoUsd(
                    Math.ceilDiv(Math.multiplyExact(pico, (long) perMille), 1000L));
        } catch (ArithmeticException _) {
            return new Money(Long.MAX_VALUE / 1000);
        }
    }

    /// The dearest a token of input can be when the call has at most `inputTokens` of them.
    public long inputPicoMax(long inputTokens) {
        var own =
                Math.max(
                        Math.max(uncachedInputPico, cacheReadPico),
                        Math.max(cacheWrite5mPico, cacheWrite1hPico));
        return longPrompt
                .filter(longer -> inputTokens > longer.inputTokensAbove())
                .map(longer -> Math.max(own, longer.price().inputPicoMax(inputTokens)))
                .orElse(own);
    }

    /// The dearest a token of output can be when the call has at most `inputTokens` of input.
    public long outputPicoMax(long inputTokens) {
        return longPrompt
                .filter(longer -> inputTokens > longer.inputTokensAbove())
                .map(longer -> Math.max(outputPico, longer.price().outputPicoMax(inputTokens)))
                .orElse(outputPico);
    }

    private static long sum(long... parts) {
        var total = 0L;
        for (var part : parts) {
            total = Math.addExact(total, part);
        }
        return total;
    }
}
