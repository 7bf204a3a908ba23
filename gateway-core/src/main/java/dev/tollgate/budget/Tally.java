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
        requests = sumUpTo(max, requests, amounts.requests());
        inputTokens = sumUpTo(max, inputTokens, amounts.inputTokens());
        outputTokens = sumUpTo(max, outputTokens, amounts.outputTokens());
        costNanoUsd = sumUpTo(max, costNanoUsd, amounts.costNanoUsd());
    }

    void clear() {
        requests = 0;
        inputTokens = 0;
        outputTokens = 0;
        costNanoUsd = 0;
    }

    Amounts amounts() {
        return new Amounts(requests, inputTokens, outputTokens, costNanoUsd);
    }

    private static long sumUpTo(long max, long sum, long more) {
        return more >= max - sum ? max : sum + more;
    }
}
