package dev.tollgate.node.http;

import dev.tollgate.price.Money;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageSource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// One request as the ledger has it.
///
/// @param endpoint its path
/// @param route the route that was taken, empty when none was needed
/// @param attempts in their order
public record RequestStory(
        UUID id, Instant at, String endpoint, String route, List<Attempt> attempts) {

    public RequestStory {
        attempts = List.copyOf(attempts);
    }

    /// One row of the ledger: a call to a provider, a cache hit or a correction.
    ///
    /// @param kind `attempt`, `cache_hit` or `correction`
    /// @param servedModel as the answer named it, empty when it did not
    /// @param cost empty when the model has no price
    /// @param status how it ended
    /// @param durationMillis from dispatch to the last byte
    /// @param firstByteMillis from dispatch to the first byte, 0 when there was none
    public record Attempt(
            int number,
            String kind,
            String provider,
            String model,
            String servedModel,
            Usage usage,
            UsageSource usageSource,
            Optional<Money> cost,
            String status,
            long durationMillis,
            long firstByteMillis) {}
}
