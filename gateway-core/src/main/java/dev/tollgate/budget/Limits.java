package dev.tollgate.budget;

/// Limits by measure; [#NONE_SET] where there is none.
public record Limits(
        long requests, long inputTokens, long outputTokens, long totalTokens, long costNanoUsd) {

    public static final long NONE_SET = Long.MAX_VALUE;

    public static final Limits UNLIMITED =
            new Limits(NONE_SET, NONE_SET, NONE_SET, NONE_SET, NONE_SET);

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
