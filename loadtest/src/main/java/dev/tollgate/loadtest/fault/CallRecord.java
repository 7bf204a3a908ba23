package dev.tollgate.loadtest.fault;

/// What a client saw of one call.
///
/// @param sentNanos and `endedNanos`: on the harness' monotonic clock
/// @param status 0 when no head of an answer came
/// @param requestId empty when no head came
/// @param bytes of the body
/// @param whole the answer came to its proper end
/// @param failure why it did not, or what was refused; empty when it was fine
record CallRecord(
        ClientCall call,
        long sentNanos,
        long endedNanos,
        int status,
        String requestId,
        long bytes,
        boolean whole,
        String failure) {

    /// The client has all of an answer, and may rely on it.
    boolean isAcknowledged() {
        return status == 200 && whole;
    }

    @Override
    public String toString() {
        return "%s: %d %s, %d bytes, %s".formatted(call, status, requestId, bytes, failure);
    }
}
