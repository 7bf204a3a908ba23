package dev.tollgate.problem;

import java.time.Duration;
import java.time.Instant;

/// An ordinary reason to refuse a request.
///
/// The order of the records is the order of precedence: the door's first, then the filters' from
/// the outside in, the upstream's last. `docs/problems.md` lists them in it.
public sealed interface Problem {

    // --- the door ---

    /// The node is going down and takes no new requests. 503.
    record Draining() implements Problem {}

    /// No such path, or not with this method. 404 or 405.
    record UnknownEndpoint(String method, String path, boolean pathExists) implements Problem {}

    /// The caller could not be told. 401.
    record Unauthenticated(Reason reason) implements Problem {
        public enum Reason {
            MISSING,
            MALFORMED,
            UNKNOWN,
            REVOKED,
            EXPIRED,
            TWO_KEYS,
            /// No key, and from this machine, but by a web page or a proxy that may act for anyone.
            NOT_LOCAL
        }
    }

    /// The body is larger than the node reads. 413.
    record BodyTooLarge(long bodyBytesMax) implements Problem {}

    /// The body did not arrive in time. 408.
    record BodyTooSlow(Duration limit) implements Problem {}

    /// The body, a header or a parameter is not what the endpoint takes. 400.
    ///
    /// @param field the name a caller would recognise, such as `max_tokens` or `body`
    /// @param value what was sent, shortened, and never content of a prompt
    /// @param expected what would have been right
    record InvalidRequest(String field, String value, String expected) implements Problem {}

    /// No deployment serves the model in this dialect. 404.
    record UnknownModel(String model, String hint) implements Problem {}

    // --- policy ---

    /// The key may not use the model. 403.
    record ModelNotPermitted(String model) implements Problem {}

    // --- budget ---

    /// A cost budget applies and the model has no price. 403.
    record Unpriced(String model, String budget) implements Problem {}

    /// A budget has no room. 429; final unless `retryAfter` says otherwise.
    ///
    /// @param measure what is short: `requests`, `input_tokens`, `output_tokens`, `total_tokens`,
    ///   `cost_usd`
    /// @param limit the limit in the measure's own unit (`cost_usd` in nano-USD)
    /// @param action what the budget does at this point: `reject`, `block` or `downgrade`
    /// @param retryAfter zero when retrying before `resetsAt` cannot help
    record BudgetExhausted(
            String budget,
            String subject,
            String measure,
            long limit,
            long posted,
            long held,
            long asked,
            Instant resetsAt,
            String action,
            Duration retryAfter)
            implements Problem {}

    /// A budget allows no further request in flight. 429 with `retry-after`.
    record TooManyConcurrent(String budget, String subject, int limit, Duration retryAfter)
            implements Problem {}

    /// A budget's rate does not allow the request yet. 429 with `retry-after`.
    ///
    /// @param measure what the rate counts: `requests`, `input_tokens`, `output_tokens`,
    ///   `total_tokens`
    /// @param burst the most at once
    /// @param action `rate`, or `throttle` for one that began at a threshold
    /// @param retryAfter when it would fit; zero when it never can, being larger than the burst
    record RateLimited(
            String budget,
            String subject,
            String measure,
            long perMinute,
            long burst,
            long asked,
            String action,
            Duration retryAfter)
            implements Problem {}

    /// A budget would have another model answer, and that one cannot. 429, final.
    ///
    /// @param model asked for
    /// @param to the model that was to answer instead
    record DowngradeImpossible(String budget, String model, String to, String reason)
            implements Problem {}

    /// The quota state cannot be verified just now. 503 with `retry-after: 1`.
    record QuotaUnavailable(String reason) implements Problem {}

    // --- upstream ---

    /// The provider could not be reached, or closed before answering. 502.
    record UpstreamUnreachable(String provider, String reason) implements Problem {}

    /// The provider did not answer in time. 504.
    record UpstreamTimeout(String provider, String phase, Duration limit) implements Problem {}

    /// The provider answered something that is no answer. 502.
    record UpstreamInvalid(String provider, String reason) implements Problem {}

    /// The request took longer than it may. 504.
    record DeadlineExceeded(Duration limit) implements Problem {}

    /// The thing asked for does not exist, or is not the caller's to see. 404.
    record NotFound(String what, String name) implements Problem {}

    /// A bug. Logged once with the request id, which is all the caller is told. 500.
    record Internal(String requestId) implements Problem {}
}
