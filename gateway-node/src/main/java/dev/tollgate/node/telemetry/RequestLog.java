package dev.tollgate.node.telemetry;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.problem.Problem;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/// One line for every request: its path as the message, the rest as key-value pairs. Never what was
/// asked or answered, and no credential.
///
/// Its logger is `tollgate.request`, so that it can be turned off or sent elsewhere by itself.
final class RequestLog {

    static final String LOGGER = "tollgate.request";

    /// Longer values that a caller chose are cut.
    static final int VALUE_CHARACTERS_MAX = 64;

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
    private static final double NANOS_PER_MILLISECOND = 1e6;

    private RequestLog() {}

    static void ended(
            Exchange exchange, String provider, int status, Outcome outcome, long durationNanos) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        var report = outcome.report();
        var line = request(Level.INFO, exchange).addKeyValue("provider", provider);
        line = line.addKeyValue("status", status);
        line = line.addKeyValue("outcome", report.completion().label());
        line = line.addKeyValue("input_tokens", outcome.usage().input());
        line = line.addKeyValue("output_tokens", outcome.usage().output());
        line = line.addKeyValue("usage_source", outcome.source().label());
        if (outcome.cost().isPresent()) {
            line = line.addKeyValue("cost_nano_usd", outcome.cost().get().nanoUsd());
        }
        if (!report.anomaly().isEmpty()) {
            line = line.addKeyValue("anomaly", clean(report.anomaly()));
        }
        if (outcome.overrun()) {
            line = line.addKeyValue("overrun", true);
        }
        line.addKeyValue("ms", millis(durationNanos)).log(exchange.endpoint().path());
    }

    static void refused(
            Exchange exchange, Problem problem, Optional<String> budget, long durationNanos) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        var line = request(Level.INFO, exchange).addKeyValue("outcome", RequestMeters.REFUSED);
        line = line.addKeyValue("problem", ProblemKinds.of(problem));
        if (budget.isPresent()) {
            line = line.addKeyValue("budget", budget.get());
        }
        line.addKeyValue("ms", millis(durationNanos)).log(exchange.endpoint().path());
    }

    /// Only the kind of the failure: its message may hold what was asked.
    static void failed(Exchange exchange, Throwable bug, long durationNanos) {
        request(Level.ERROR, exchange)
                .addKeyValue("outcome", RequestMeters.BUG)
                .addKeyValue("failure", bug.getClass().getName())
                .addKeyValue("ms", millis(durationNanos))
                .log(exchange.endpoint().path());
    }

    static void refusedAtDoor(String requestId, String path, Problem problem, long durationNanos) {
        LOG.atInfo()
                .addKeyValue("id", requestId)
                .addKeyValue("outcome", RequestMeters.REFUSED)
                .addKeyValue("problem", ProblemKinds.of(problem))
                .addKeyValue("ms", millis(durationNanos))
                .log(path);
    }

    private static LoggingEventBuilder request(Level level, Exchange exchange) {
        UUID id = exchange.id();
        var caller = exchange.caller();
        var line =
                LOG.atLevel(level)
                        .addKeyValue("id", id)
                        .addKeyValue("organization", caller.organization());
        if (!caller.keyId().isEmpty()) {
            line = line.addKeyValue("key", caller.keyId());
        }
        return line.addKeyValue("model", clean(exchange.request().model()));
    }

    /// Printable ASCII without quotes, and not too much of it: callers choose it, and it must not
    /// begin a line of its own.
    static String clean(String value) {
        var length = Math.min(value.length(), VALUE_CHARACTERS_MAX);
        for (var i = 0; i < length; i++) {
            if (!harmless(value.charAt(i))) {
                return cleaned(value, length);
            }
        }
        return length == value.length() ? value : value.substring(0, length);
    }

    private static String cleaned(String value, int length) {
        var clean = new StringBuilder(length);
        for (var i = 0; i < length; i++) {
            var c = value.charAt(i);
            clean.append(harmless(c) ? c : '?');
        }
        return clean.toString();
    }

    private static boolean harmless(char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '\\';
    }

    private static double millis(long nanos) {
        return Math.round(nanos / NANOS_PER_MILLISECOND * 1000) / 1000.0;
    }
}
