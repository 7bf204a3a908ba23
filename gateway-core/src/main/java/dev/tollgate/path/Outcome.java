package dev.tollgate.path;

import dev.tollgate.price.Money;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import dev.tollgate.tokens.UsageSource;
import java.util.Optional;

/// How an attempt ended and what it was settled for.
///
/// Until the budget filter has settled it, `usage` is [Usage#NONE] and `cost` is empty.
///
/// @param cost empty when the model has no price
/// @param overrun whether the provider used more than the hold covered
public record Outcome(
        UsageReport report,
        Usage usage,
        UsageSource source,
        Optional<Money> cost,
        boolean overrun) {

    public static Outcome unsettled(UsageReport report) {
        return new Outcome(
                report,
                report.usage().orElse(Usage.NONE),
                UsageSource.PROVIDER,
                Optional.empty(),
                false);
    }
}
