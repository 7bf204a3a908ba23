package dev.tollgate.path;

import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Endpoint;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// One request, complete: filters never see a half-known one.
///
/// @param id a UUIDv7, the caller's `x-request-id`
/// @param receivedMillis wall clock of the cluster, milliseconds since the epoch
/// @param receivedNanos monotonic clock of this node
/// @param headers what may be forwarded, names in lower case, in their order
/// @param query the query to be forwarded, without its question mark; empty when there is none
/// @param traceParent the W3C `traceparent` of the enclosing span: the caller's, then ours; empty
///   when absent
/// @param candidates deployments that serve the model, best first; the route filter orders them
/// @param outputGranted the output tokens of one choice that the budgets left, when that is less
///   than asked
/// @param allowance how much of the answer is held while it runs; empty where all of it is
/// @param left completes when the client has gone; never fails
public record Exchange(
        UUID id,
        long receivedMillis,
        long receivedNanos,
        Endpoint endpoint,
        Caller caller,
        Attribution attribution,
        ModelRequest request,
        List<Map.Entry<String, String>> headers,
        String query,
        String traceParent,
        List<Deployment> candidates,
        OptionalLong outputGranted,
        Optional<Allowance> allowance,
        Future<Void> left) {

    public Exchange {
        headers = List.copyOf(headers);
        candidates = List.copyOf(candidates);
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("candidates: none (expected: at least 1)");
        }
    }

    /// One of which nothing is held yet.
    public Exchange(
            UUID id,
            long receivedMillis,
            long receivedNanos,
            Endpoint endpoint,
            Caller caller,
            Attribution attribution,
            ModelRequest request,
            List<Map.Entry<String, String>> headers,
            String query,
            String traceParent,
            List<Deployment> candidates,
            OptionalLong outputGranted,
            Future<Void> left) {
        this(
                id,
                receivedMillis,
                receivedNanos,
                endpoint,
                caller,
                attribution,
                request,
                headers,
                query,
                traceParent,
                candidates,
                outputGranted,
                Optional.empty(),
                left);
    }

    /// The deployment the next attempt goes to.
    public Deployment deployment() {
        return candidates.getFirst();
    }

    public Exchange routedTo(List<Deployment> ordered) {
        return with(traceParent, ordered, outputGranted, allowance);
    }

    public Exchange clampedTo(long outputTokens) {
        return with(traceParent, candidates, OptionalLong.of(outputTokens), allowance);
    }

    /// The same request, of which so much is held.
    public Exchange allowed(Allowance more) {
        return with(traceParent, candidates, outputGranted, Optional.of(more));
    }

    /// Whether its answer is fetched as a stream: one that is cut where its allowance ends is,
    /// whatever the caller gets it as.
    public boolean fetchedAsStream() {
        return request.stream() || allowance.isPresent();
    }

    /// The same request inside another span.
    public Exchange tracedBy(String parent) {
        return with(parent, candidates, outputGranted, allowance);
    }

    private Exchange with(
            String parent,
            List<Deployment> ordered,
            OptionalLong granted,
            Optional<Allowance> allowed) {
        return new Exchange(
                id,
                receivedMillis,
                receivedNanos,
                endpoint,
                caller,
                attribution,
                request,
                headers,
                query,
                parent,
                ordered,
                granted,
                allowed,
                left);
    }
}
