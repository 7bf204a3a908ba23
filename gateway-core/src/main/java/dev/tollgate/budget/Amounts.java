package dev.tollgate.budget;

import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.path.Outcome;
import dev.tollgate.price.Money;
import dev.tollgate.tokens.Usage;

/// What a request takes from its budgets: held as a worst case, posted as used.
public record Amounts(long requests, long inputTokens, long outputTokens, long costNanoUsd) {

    public static final Amounts NONE = new Amounts(0, 0, 0, 0);

    public static Amounts of(long requests, Usage usage, Money cost) {
        return new Amounts(requests, usage.input(), usage.output(), cost.nanoUsd());
    }

    /// What a request's last attempt takes from its budgets. A request counts when it reached a
    /// provider and the endpoint is billed: one that never got there gives its request back.
    ///
    /// @param reachedBefore whether an earlier attempt got there
    public static Amounts used(Endpoint endpoint, Outcome outcome, boolean reachedBefore) {
        var counts = endpoint.billed() && (outcome.report().reached() || reachedBefore);
        return of(counts ? 1 : 0, outcome.usage(), outcome.cost().orElse(Money.ZERO));
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

    /// The same by an attempt whose request moves on and counts with the next.
    Amounts movedOn() {
        return new Amounts(0, inputTokens, outputTokens, costNanoUsd);
    }

    /// The larger of each.
    public Amounts max(Amounts other) {
        return new Amounts(
                Math.max(requests, other.requests),
                Math.max(inputTokens, other.inputTokens),
                Math.max(outputTokens, other.outputTokens),
                Math.max(costNanoUsd, other.costNanoUsd));
    }

    /// The smaller of each.
    public Amounts min(Amounts other) {
        return new Amounts(
                Math.min(requests, other.requests),
                Math.min(inputTokens, other.inputTokens),
                Math.min(outputTokens, other.outputTokens),
                Math.min(costNanoUsd, other.costNanoUsd));
    }

    /// Whether anything is more than in `other`.
    public boolean exceeds(Amounts other) {
        return requests > other.requests
                || inputTokens > other.inputTokens
                || outputTokens > other.outputTokens
                || costNanoUsd > other.costNanoUsd;
    }

    void requireNotNegative() {
        if (requests < 0 || inputTokens < 0 || outputTokens < 0 || costNanoUsd < 0) {
            throw new IllegalArgumentException(this + " (expected: none negative)");
        }
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
