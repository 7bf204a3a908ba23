package dev.tollgate.loadtest.provider;

/// One line of the provider's own bill: one upstream call and what the provider takes for it.
///
/// @param requestNumber counts from 1 in the order of arrival
/// @param gatewayRequestId the caller's `x-request-id` header, or empty
/// @param providerRequestId what the provider answered as its own request id
/// @param model the model that answered
/// @param costPicoUsd tokens times price, exact
/// @param usageReported whether the caller could read these very tokens in the answer
public record BillLine(
        long requestNumber,
        String gatewayRequestId,
        String providerRequestId,
        Dialect dialect,
        String path,
        String model,
        TokenClasses tokens,
        long costPicoUsd,
        Outcome outcome,
        boolean usageReported) {

    /// How the call ended, seen from the provider.
    public enum Outcome {
        /// The whole answer was handed to the network.
        COMPLETE,
        /// The caller left; billed for what was produced until that was noticed.
        CANCELLED,
        /// The provider refused or broke the call, and takes nothing.
        FAILED
    }

    /// The cost in nano-USD, rounded up once for the whole call.
    public long costNanoUsd() {
        return Math.ceilDiv(costPicoUsd, 1_000);
    }

    /// One line of JSON, without a line end.
    public String toJson() {
        return new JsonText()
                .open()
                .field("request_number", requestNumber)
                .field("gateway_request_id", gatewayRequestId)
                .field("provider_request_id", providerRequestId)
                .field("dialect", dialect.name())
                .field("path", path)
                .field("model", model)
                .field("uncached_input_tokens", tokens.uncachedInput())
                .field("cache_read_tokens", tokens.cacheRead())
                .field("cache_write_5m_tokens", tokens.cacheWrite5m())
                .field("cache_write_1h_tokens", tokens.cacheWrite1h())
                .field("output_tokens", tokens.output())
                .field("reasoning_tokens", tokens.reasoning())
                .field("cost_pico_usd", costPicoUsd)
                .field("outcome", outcome.name())
                .field("usage_reported", usageReported)
                .close()
                .toString();
    }
}
