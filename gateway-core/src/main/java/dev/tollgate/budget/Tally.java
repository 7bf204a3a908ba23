package dev.tollgate.budget;

/// Running sums of amounts. Mutable; belongs to one [Counter].
final class Tally {

    long requests;
    long inputTokens;
    long outputTokens;
    long costNanoUsd;

    void add(Amounts amounts) {
        requests += amounts.requests();
        inputTokens += amounts.inputTokens();
        outputTokens += amounts.outputTokens();
        costNanoUsd += amounts.costNanoUsd();
    }

    void subtract(Amounts amounts) {
        requests -= amounts.requests();
        inputTokens -= amounts.inputTokens();
        outputTokens -= amounts.outputTokens();
        costNanoUsd -= amounts.costNanoUsd();
    }

    /// Adds, stopping at `max` instead of overflowing.
    void addUpTo(long max, Amounts amounts) {
        set(plusUpTo(max, amounts));
    }

    /// What [#addUpTo] would lead to.
    Amounts plusUpTo(long max, Amounts amounts) {
        return new Amounts(
                sumUpTo(max, requests, amounts.requests()),
                sumUpTo(max, inputTokens, amounts.inputTokens()),
                sumUpTo(max, outputTokens, amounts.outputTokens()),
                sumUpTo(max, costNanoUsd, amounts.costNanoUsd()));
    }

    void set(Amounts amounts) {
        requests = amounts.requests();
        inputTokens = amounts.inputTokens();
        outputTokens = amounts.outputTokens();
        costNanoUsd = amounts.costNanoUsd();
    }

    void clear() {
        set(Amounts.NONE);
    }

    Amounts amounts() {
        return new Amounts(requests, inputTokens, outputTokens, costNanoUsd);
    }

    private static long sumUpTo(long max, long sum, long more) {
        return more >= max - sum ? max : sum + more;
    }
}
