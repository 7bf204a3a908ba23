package dev.tollgate.node.provider;

import dev.tollgate.tokens.Usage;
import java.util.Optional;

/// A provider's usage as far as it can be believed.
///
/// @param usage empty when it has to be estimated
/// @param anomaly why it was not taken as told; empty when nothing was odd
public record UsageReading(Optional<Usage> usage, String anomaly) {

    /// Nothing told, and nothing odd about that: the answer broke off before.
    public static final UsageReading UNTOLD = new UsageReading(Optional.empty(), "");

    public static UsageReading of(Usage usage) {
        return new UsageReading(Optional.of(usage), "");
    }

    public static UsageReading odd(String anomaly) {
        return new UsageReading(Optional.empty(), anomaly);
    }
}
