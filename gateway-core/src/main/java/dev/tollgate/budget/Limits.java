package dev.tollgate.budget;

/// Limits by measure; [#NONE_SET] where there is none.
public record Limits(
        long requests, long inputTokens, long outputTokens, long totalTokens, long costNanoUsd) {

    public static final long NONE_SET = Long.MAX_VALUE;

    public static final Limits UNLIMITED =
            new Limits(NONE_SET, NONE_SET, NONE_SET, NONE_SET, NONE_SET);

    /// These shares of the limits, in thousandths, rounded down.
    public Limits share(int perMille) {
        return perMille == 1000
                ? this
                : new Limits(
                        Share.floor(requests, perMille),
                        Share.floor(inputTokens, perMille),
                        Share.floor(outputTokens, perMille),
                        Share.floor(totalTokens, perMille),
                        Share.floor(costNanoUsd, perMille));
    }

    /// With `other` wherever that sets a limit.
    public Limits overriddenBy(Limits other) {
        return new Limits(
                set(other.requests, requests),
                set(other.inputTokens, inputTokens),
                set(other.outputTokens, outputTokens),
                set(other.totalTokens, totalTokens),
                set(other.costNanoUsd, costNanoUsd));
    }

    private static long set(long preferred, long otherwise) {
        return preferred == NONE_SET ? otherwise : preferred;
    }

    public long of(Measure measure) {
        return switch (measure) {
            case REQUESTS -> requests;
            case INPUT_TOKENS -> inputTokens;
            case OUTPUT_TOKENS -> outputTokens;
            case TOTAL_TOKENS -> totalTokens;
            case COST_USD -> costNanoUsd;
        };
    }
}
