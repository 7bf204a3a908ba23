package dev.tollgate.budget;

import java.util.List;

/// The worst case of one attempt, with the room the caller leaves for a smaller answer.
///
/// @param requests 1 where the endpoint is billed: each attempt of a request holds it in turn
/// @param inputTokens the most its input can be
/// @param inputCostPico what that input costs at most, pico-USD
/// @param outputMin the fewest output tokens of one choice that still make sense to grant
/// @param outputMax the most output tokens one choice can have; granted in full when it fits
/// @param choices answers produced, each with its own output
/// @param outputPico price of an output token, pico-USD
/// @param priced whether the model has a price; without one the amounts cost nothing, and the row
///   of an orphan says so
/// @param startMin the fewest output tokens of one choice that elastic budgets have to cover for it
///   to begin
/// @param start what they cover at its beginning if it fits; 0 where they hold the worst case too
public record Ask(
        long requests,
        long inputTokens,
        long inputCostPico,
        long outputMin,
        long outputMax,
        int choices,
        long outputPico,
        boolean priced,
        long startMin,
        long start) {

    private static final long SATURATED = Long.MAX_VALUE / 4;

    public Ask {
        if (requests < 0
                || inputTokens < 0
                || inputCostPico < 0
                || outputMin < 0
                || outputMax < outputMin
                || choices < 1
                || outputPico < 0
                || startMin < 0
                || start < startMin
                || outputMax < start) {
            throw new IllegalArgumentException(
                    "ask: "
                            + List.of(
                                    requests,
                                    inputTokens,
                                    inputCostPico,
                                    outputMin,
                                    outputMax,
                                    choices,
                                    outputPico)
                            + " (expected: none negative, choices >= 1, outputMin <= outputMax,"
                            + " startMin <= start <= outputMax)");
        }
    }

    /// Of a model with a price.
    public Ask(
            long requests,
            long inputTokens,
            long inputCostPico,
            long outputMin,
            long outputMax,
            int choices,
            long outputPico) {
        this(requests, inputTokens, inputCostPico, outputMin, outputMax, choices, outputPico, true);
    }

    /// Of which every budget holds the worst case.
    public Ask(
            long requests,
            long inputTokens,
            long inputCostPico,
            long outputMin,
            long outputMax,
            int choices,
            long outputPico,
            boolean priced) {
        this(
                requests,
                inputTokens,
                inputCostPico,
                outputMin,
                outputMax,
                choices,
                outputPico,
                priced,
                0,
                0);
    }

    /// Whether elastic budgets hold less than the worst case.
    public boolean elastic() {
        return start > 0;
    }

    /// The ask of a hold that was granted `outputTokens` for each choice, no more and no less.
    public Ask granted(long outputTokens) {
        return granted(outputTokens, 0);
    }

    /// The same, of which elastic budgets cover `started` so far.
    public Ask granted(long outputTokens, long started) {
        return new Ask(
                requests,
                inputTokens,
                inputCostPico,
                outputTokens,
                outputTokens,
                choices,
                outputPico,
                priced,
                started,
                started);
    }

    /// What is held when one choice may have `outputTokens`. Saturates instead of overflowing.
    public Amounts amounts(long outputTokens) {
        var output = product(outputTokens, choices);
        var outputCostPico = product(output, outputPico);
        var pico =
                outputCostPico > Long.MAX_VALUE - inputCostPico
                        ? Long.MAX_VALUE
                        : inputCostPico + outputCostPico;
        return new Amounts(
                requests,
                Math.min(inputTokens, SATURATED),
                Math.min(output, SATURATED),
                Math.min(Math.ceilDiv(pico, 1000L), SATURATED));
    }

    private static long product(long left, long right) {
        var high = Math.multiplyHigh(left, right);
        var low = left * right;
        return high != 0 || low < 0 ? Long.MAX_VALUE : low;
    }
}
