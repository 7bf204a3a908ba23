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
    /// @param corrects the row whose amounts it corrects by the difference, when it is a correction
    /// @param servedModel as the answer named it, empty when it did not
    /// @param cost empty when the model has no price
    /// @param status how it ended
    /// @param durationMillis from dispatch to the last byte
    /// @param firstByteMillis from dispatch to the first byte, 0 when there was none
    public record Attempt(
            UUID id,
            int number,
            String kind,
            Optional<UUID> corrects,
            String provider,
            String model,
            String servedModel,
            Tokens tokens,
            UsageSource usageSource,
            Optional<Money> cost,
            String status,
            long durationMillis,
            long firstByteMillis) {}

    /// Tokens in the classes of a [Usage]; those of a correction are differences and may be
    /// negative.
    public record Tokens(
            long uncachedInput,
            long cacheRead,
            long cacheWrite5m,
            long cacheWrite1h,
            long output,
            long reasoning) {

        public static Tokens of(Usage usage) {
            return new Tokens(
                    usage.uncachedInput(),
                    usage.cacheRead(),
                    usage.cacheWrite5m(),
                    usage.cacheWrite1h(),
                    usage.output(),
                    usage.reasoning());
        }

        public long input() {
            return uncachedInput + cacheRead + cacheWrite5m + cacheWrite1h;
        }
    }
}
