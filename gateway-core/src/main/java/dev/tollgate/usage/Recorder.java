package dev.tollgate.usage;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.problem.Problem;

/// Where what happened to requests is told: spans, metrics and one log line each.
///
/// Called on event loops; must not block. Every request that is started is ended exactly once.
public interface Recorder {

    /// Opens the span of a request, or of one attempt at a provider.
    Recording start(Exchange exchange, Kind kind);

    /// A request the door refused before it was an exchange.
    ///
    /// @param path the route's pattern, never the raw path
    void refusedAtDoor(String requestId, String path, Problem problem, long durationNanos);

    /// An attempt that failed and was settled, whose request goes on to another deployment.
    void failedOver(Exchange exchange, Outcome settled);

    /// What a recording is of.
    enum Kind {
        REQUEST,
        ATTEMPT
    }

    /// One open span. Exactly one of the three ends is called, once.
    interface Recording {

        /// The W3C `traceparent` of this span, for what happens inside it.
        String traceParent();

        /// The head of an answer is on its way.
        void answered(int status);

        void ended(Outcome outcome);

        void refused(Problem problem);

        void failed(Throwable bug);
    }
}
