package dev.tollgate.budget;

/// The worst case of one attempt, with the room the caller leaves for a smaller answer.
///
/// @param requests 1 for a request's first attempt
/// @param inputTokens the most its input can be
/// @param inputCostPico what that input costs at most, pico-USD
/// @param outputMin the fewest output tokens of one choice that still make sense to grant
/// @param outputMax the most output tokens one choice can have; granted in full when it fits
/// @param choices answers produced, each with its own output
/// @param outputPico price of an output token, pico-USD
public record Ask(
        long requests,
        long inputTokens,
        long inputCostPico,
        long outputMin,
        long outputMax,
        int choices,
        long outputPico) {

    /// What is held when one choice may have `outputTokens`. Saturates instead of overflowing.
    public Amounts amounts(long outputTokens) {
        try {
            var output = Math.multiplyExact(outputTokens, (long) choices);
            var pico = Math.addExact(inputCostPico, Math.multiplyExact(output, outputPico));
            return new Amounts(requests, inputTokens, output, Math.ceilDiv(pico, 1000));
        } catch (ArithmeticException _) {
            return new Amounts(requests, inputTokens, Long.MAX_VALUE / 4, Long.MAX_VALUE / 4);
        }
    }
}
