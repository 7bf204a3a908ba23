package dev.tollgate.node.telemetry;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.problem.Problem;
import dev.tollgate.tokens.Completion;
import dev.tollgate.usage.Recorder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Tells of requests by OpenTelemetry spans, Prometheus metrics and one log line each.
///
/// Times are the exchange's: a span begins at its wall clock and lasts by the monotonic one, so
/// that the spans of a request fit into each other. A request and its attempts run on one event
/// loop; what they share here is confined to it.
final class OtelRecorder implements Recorder {

    private static final long NANOS_PER_MILLISECOND = 1_000_000;

    private final Tracer tracer;
    private final RequestMeters meters;
    private final LongSupplier nanos;
    private final boolean endUser;

    /// Requests in flight, so that an attempt finds the request it belongs to.
    private final Map<UUID, RequestRecording> open = new ConcurrentHashMap<>();

    /// @param nanos the monotonic clock that `Exchange.receivedNanos` is of
    OtelRecorder(Tracer tracer, RequestMeters meters, LongSupplier nanos, boolean endUser) {
        this.tracer = tracer;
        this.meters = meters;
        this.nanos = nanos;
        this.endUser = endUser;
    }

    @Override
    public Recording start(Exchange exchange, Kind kind) {
        return switch (kind) {
            case REQUEST -> request(exchange);
            case ATTEMPT -> new AttemptRecording(exchange, open.get(exchange.id()));
        };
    }

    @Override
    public void refusedAtDoor(String requestId, String path, Problem problem, long durationNanos) {
        meters.refusedAtDoor(path, ProblemKinds.of(problem));
        RequestLog.refusedAtDoor(requestId, path, problem, durationNanos);
    }

    @Override
    public void failedOver(Exchange exchange, Outcome settled) {
        meters.of(exchange).failedOver(settled);
    }

    /// Requests in flight.
    long active() {
        return open.size();
    }

    private RequestRecording request(Exchange exchange) {
        var recording = new RequestRecording(exchange);
        open.put(exchange.id(), recording);
        return recording;
    }

    private Span span(String name, SpanKind kind, SpanContext parent, long startNanos) {
        return tracer.spanBuilder(name)
                .setParent(Context.root().with(Span.wrap(parent)))
                .setSpanKind(kind)
                .setStartTimestamp(startNanos, TimeUnit.NANOSECONDS)
                .startSpan();
    }

    /// Wall clock, nanoseconds since the epoch, of a moment of the monotonic clock.
    private static long epochNanos(Exchange exchange, long now) {
        return exchange.receivedMillis() * NANOS_PER_MILLISECOND + now - exchange.receivedNanos();
    }

    private static String traceParent(Span span) {
        var context = span.getSpanContext();
        return context.isValid() ? TraceParent.format(context) : "";
    }

    private final class RequestRecording implements Recording {

        private final Exchange exchange;
        private final Span span;
        private Exchange lastAttempt;
        private long lastAttemptNanos;
        private int attempts;
        private int status;

        RequestRecording(Exchange exchange) {
            this.exchange = exchange;
            this.lastAttempt = exchange;
            var parent = TraceParent.parse(exchange.traceParent());
            var start = epochNanos(exchange, exchange.receivedNanos());
            span =
                    span(
                            GenAiNames.requestSpan(exchange.endpoint()),
                            SpanKind.SERVER,
                            parent,
                            start);
            if (span.isRecording()) {
                GenAiNames.request(span, exchange, endUser);
            }
        }

        /// @return the attempt's number, from 1
        int attempted(Exchange attempt, long now) {
            lastAttempt = attempt;
            lastAttemptNanos = now;
            return ++attempts;
        }

        @Override
        public String traceParent() {
            return OtelRecorder.traceParent(span);
        }

        @Override
        public void answered(int status) {
            this.status = status;
            if (span.isRecording()) {
                GenAiNames.status(span, status);
            }
        }

        @Override
        public void ended(Outcome outcome) {
            if (!close()) {
                return;
            }
            var now = nanos.getAsLong();
            var duration = now - exchange.receivedNanos();
            var series = meters.of(lastAttempt);
            series.requestEnded(outcome, duration);
            var report = outcome.report();
            if (exchange.request().stream() && report.firstByteNanos() > 0) {
                series.streamed(
                        report,
                        outcome.usage().output(),
                        lastAttemptNanos - exchange.receivedNanos() + report.firstByteNanos());
            }
            if (span.isRecording()) {
                GenAiNames.settled(span, outcome, attempts);
                if (broken(report.completion())) {
                    span.setStatus(StatusCode.ERROR);
                }
            }
            endSpan(now);
            var provider = lastAttempt.deployment().provider().name();
            RequestLog.ended(exchange, provider, status, outcome, duration);
        }

        @Override
        public void refused(Problem problem) {
            if (!close()) {
                return;
            }
            var now = nanos.getAsLong();
            var duration = now - exchange.receivedNanos();
            meters.of(lastAttempt).requestRefused(ProblemKinds.of(problem), duration);
            tell(span, problem);
            endSpan(now);
            RequestLog.refused(exchange, problem, GenAiNames.budget(problem), duration);
        }

        @Override
        public void failed(Throwable bug) {
            if (!close()) {
                return;
            }
            var now = nanos.getAsLong();
            var duration = now - exchange.receivedNanos();
            meters.of(lastAttempt).requestFailed(duration);
            tell(span, bug);
            endSpan(now);
            RequestLog.failed(exchange, bug, duration);
        }

        /// Whether this is the first end.
        private boolean close() {
            return open.remove(exchange.id(), this);
        }

        private void endSpan(long now) {
            if (span.isRecording()) {
                GenAiNames.served(span, lastAttempt);
            }
            span.end(epochNanos(exchange, now), TimeUnit.NANOSECONDS);
        }
    }

    private final class AttemptRecording implements Recording {

        private final Exchange exchange;
        private final RequestMeters.Series series;
        private final Span span;
        private final long startNanos;
        private boolean closed;

        AttemptRecording(Exchange exchange, @Nullable RequestRecording request) {
            this.exchange = exchange;
            this.series = meters.of(exchange);
            startNanos = nanos.getAsLong();
            var number = request == null ? 1 : request.attempted(exchange, startNanos);
            var parent =
                    request == null
                            ? TraceParent.parse(exchange.traceParent())
                            : request.span.getSpanContext();
            span =
                    span(
                            GenAiNames.attemptSpan(exchange.endpoint(), series.model()),
                            SpanKind.CLIENT,
                            parent,
                            epochNanos(exchange, startNanos));
            if (span.isRecording()) {
                GenAiNames.attempt(span, exchange, number);
            }
        }

        @Override
        public String traceParent() {
            return OtelRecorder.traceParent(span);
        }

        @Override
        public void answered(int status) {
            if (span.isRecording()) {
                GenAiNames.status(span, status);
            }
        }

        @Override
        public void ended(Outcome outcome) {
            if (closed) {
                return;
            }
            var now = close();
            var report = outcome.report();
            series.attemptEnded(report.completion(), now - startNanos);
            if (span.isRecording()) {
                GenAiNames.reported(span, report, exchange.request().stream());
                if (broken(report.completion())) {
                    span.setStatus(StatusCode.ERROR);
                }
            }
            span.end(epochNanos(exchange, now), TimeUnit.NANOSECONDS);
        }

        @Override
        public void refused(Problem problem) {
            if (closed) {
                return;
            }
            var now = close();
            series.attemptEnded(ProblemKinds.of(problem), now - startNanos);
            tell(span, problem);
            span.end(epochNanos(exchange, now), TimeUnit.NANOSECONDS);
        }

        @Override
        public void failed(Throwable bug) {
            if (closed) {
                return;
            }
            var now = close();
            series.attemptEnded(RequestMeters.BUG, now - startNanos);
            tell(span, bug);
            span.end(epochNanos(exchange, now), TimeUnit.NANOSECONDS);
        }

        private long close() {
            closed = true;
            return nanos.getAsLong();
        }
    }

    private static void tell(Span span, Problem problem) {
        if (!span.isRecording()) {
            return;
        }
        GenAiNames.problem(span, problem);
        if (ours(problem)) {
            span.setStatus(StatusCode.ERROR);
        }
    }

    /// Only the kind of the failure: its message may hold what was asked.
    private static void tell(Span span, Throwable bug) {
        if (span.isRecording()) {
            GenAiNames.error(span, bug.getClass().getName());
            span.setStatus(StatusCode.ERROR);
        }
    }

    private static boolean broken(Completion completion) {
        return completion == Completion.UPSTREAM_ERROR || completion == Completion.UPSTREAM_FAILED;
    }

    /// Whether the caller could have done nothing about it, which is when a server's span is an
    /// error.
    private static boolean ours(Problem problem) {
        return switch (problem) {
            case Problem.Draining _,
                    Problem.QuotaUnavailable _,
                    Problem.UpstreamUnreachable _,
                    Problem.UpstreamTimeout _,
                    Problem.UpstreamInvalid _,
                    Problem.DeadlineExceeded _,
                    Problem.Internal _ ->
                    true;
            default -> false;
        };
    }
}
