package dev.tollgate.tokens;

import java.util.Optional;

/// What is known of an attempt when its last byte has passed.
///
/// @param usage the provider's, normalised and sane; empty when it has to be estimated
/// @param inputKnown the input classes the provider told before an answer broke off, for the
///   estimate
/// @param reached whether the request reached the provider, so that it may have been billed
/// @param httpStatus of the provider's answer, 0 when there was none
/// @param deliveredText the text relayed, as far as it was kept, for the estimate
/// @param servedModel as the answer names it, empty when it did not
/// @param serviceTier as the answer names it, empty when it did not
/// @param providerRequestId the provider's id for the call, empty when it gave none
/// @param firstByteNanos from dispatch to the first byte of the answer, 0 when there was none
/// @param durationNanos from dispatch to the last byte
/// @param anomaly why usage was not taken as told, for the alarm; empty when nothing was odd
public record UsageReport(
        Completion completion,
        Optional<Usage> usage,
        Optional<Usage> inputKnown,
        boolean reached,
        int httpStatus,
        String deliveredText,
        String servedModel,
        String serviceTier,
        String providerRequestId,
        long firstByteNanos,
        long durationNanos,
        String anomaly) {

    /// An attempt that never reached the provider.
    public static UsageReport notReached(long durationNanos) {
        return new UsageReport(
                Completion.UPSTREAM_FAILED,
                Optional.of(Usage.NONE),
                Optional.empty(),
                false,
                0,
                "",
                "",
                "",
                "",
                0,
                durationNanos,
                "");
    }
}
