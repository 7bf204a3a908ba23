package dev.tollgate.budget;

import dev.tollgate.price.Money;
import dev.tollgate.tokens.Usage;

/// What a request takes from its budgets: held as a worst case, posted as used.
public record Amounts(long requests, long inputTokens, long outputTokens, long costNanoUsd) {

    public static final Amounts NONE = new Amounts(0, 0, 0, 0);

    public static Amounts of(long requests, Usage usage, Money cost) {
        return new Amounts(requests, usage.input(), usage.output(), cost.nanoUsd());
    }

    public Amounts plus(Amounts other) {
        return new Amounts(
                requests + other.requests,
                inputTokens + other.inputTokens,
                outputTokens + other.outputTokens,
                costNanoUsd + other.costNanoUsd);
    }

    public Amounts minus(Amounts other) {
        return new Amounts(
                requests - other.requests,
                inputTokens - other.inputTokens,
                outputTokens - other.outputTokens,
                costNanoUsd - other.costNanoUsd);
    }

    public long of(Measure measure) {
        return switch (measure) {
            case REQUESTS -> requests;
            case INPUT_TOKENS -> inputTokens;
            case OUTPUT_TOKENS -> outputTokens;
            case TOTAL_TOKENS -> inputTokens + outputTokens;
            case COST_USD -> costNanoUsd;
        };
    }
}
