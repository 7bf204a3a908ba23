package dev.tollgate.budget;

/// What an open hold takes of the budgets that extend it while its stream runs (`hold: elastic`);
/// of its other budgets it takes the worst case.
///
/// @param outputTokens of one choice that are covered so far; 0 where the hold takes the same of
///   all its budgets
/// @param amounts what those budgets hold for it
public record Elastic(long outputTokens, Amounts amounts) {

    public static final Elastic NONE = new Elastic(0, Amounts.NONE);

    /// Of a hold that asks for `ask`, when so many output tokens are covered.
    static Elastic of(Ask ask, long outputTokens) {
        return outputTokens <= 0
                ? NONE
                : new Elastic(outputTokens, Holding.held(ask, outputTokens));
    }

    /// Whether any budget extends the hold.
    public boolean isGrowing() {
        return outputTokens > 0;
    }
}
