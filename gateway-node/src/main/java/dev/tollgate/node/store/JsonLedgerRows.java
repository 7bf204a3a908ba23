package dev.tollgate.node.store;

import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.LedgerRows;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.UsageReport;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// Ledger rows as JSON members named like the columns of the `ledger` table. Absent values are left
/// out. May be called by any thread; takes a microsecond or two.
public final class JsonLedgerRows implements LedgerRows {

    private static final int TRACE_ID_FROM = 3;
    private static final int TRACE_ID_TO = 35;
    private static final int TRACE_PARENT_LENGTH_MIN = 55;

    private final ThreadLocal<JsonWriter> writers = ThreadLocal.withInitial(JsonWriter::new);

    @Override
    public byte[] facts(Exchange exchange, UUID id, int attempt, List<BudgetCharge> charges) {
        var caller = exchange.caller();
        var attribution = exchange.attribution();
        var row = writers.get().clear();
        row.text("id", id.toString());
        row.text("request_id", exchange.id().toString());
        row.number("attempt", attempt);
        row.text("kind", "attempt");
        row.text("occurred_at", timestamp(exchange.receivedMillis()));
        row.text("organization", caller.organization());
        row.textUnlessEmpty("team", caller.team());
        row.textUnlessEmpty("project", caller.project());
        row.textUnlessEmpty("user_name", caller.user());
        row.textUnlessEmpty("end_user", attribution.endUser());
        row.textUnlessEmpty("session", attribution.session());
        row.textUnlessEmpty("key_id", caller.keyId());
        writeTags(row, attribution.tags());
        row.text("endpoint", exchange.endpoint().path());
        row.text("dialect", exchange.endpoint().dialect().label());
        row.text("requested_model", exchange.request().model());
        row.text("provider", exchange.deployment().provider().name());
        row.number("requests", 1);
        writeCharges(row, charges);
        row.textUnlessEmpty("trace_id", traceId(exchange.traceParent()));
        return row.toBytes();
    }

    @Override
    public byte[] outcome(Exchange exchange, Outcome outcome, long requests) {
        var report = outcome.report();
        var usage = outcome.usage();
        var deployment = exchange.deployment();
        var row = writers.get().clear();
        row.text(
                "served_model",
                report.servedModel().isEmpty() ? deployment.upstreamModel() : report.servedModel());
        row.number("uncached_input_tokens", usage.uncachedInput());
        row.numberUnlessZero("cache_read_tokens", usage.cacheRead());
        row.numberUnlessZero("cache_write_5m_tokens", usage.cacheWrite5m());
        row.numberUnlessZero("cache_write_1h_tokens", usage.cacheWrite1h());
        row.number("output_tokens", usage.output());
        row.numberUnlessZero("reasoning_tokens", usage.reasoning());
        row.numberUnlessZero("audio_tokens", usage.audio());
        row.numberUnlessZero("image_tokens", usage.image());
        row.numberUnlessZero("tool_calls", usage.toolCalls());
        outcome.cost().ifPresent(cost -> row.number("cost_nano_usd", cost.nanoUsd()));
        deployment.model().price().ifPresent(price -> row.text("price_version", price.version()));
        if (requests == 0) {
            // Stands for that of the facts: of members named alike, the last is taken.
            row.number("requests", 0);
        }
        row.text("usage_source", outcome.source().label());
        row.text("status", status(report.completion()));
        row.numberUnlessZero("http_status", report.httpStatus());
        if (outcome.overrun()) {
            row.bool("overrun", true);
        }
        writeTimings(row, report, usage.output());
        row.textUnlessEmpty("provider_request_id", report.providerRequestId());
        return row.toBytes();
    }

    /// As the roll-ups read it: what is neither `ok` nor `cancelled` counts as an error.
    static String status(Completion completion) {
        return switch (completion) {
            case COMPLETE -> "ok";
            case CLIENT_LEFT -> "cancelled";
            case UPSTREAM_ERROR, UPSTREAM_FAILED, CUT -> completion.label();
        };
    }

    private static void writeTimings(JsonWriter row, UsageReport report, long outputTokens) {
        row.number("duration_us", TimeUnit.NANOSECONDS.toMicros(report.durationNanos()));
        if (report.firstByteNanos() > 0) {
            row.number("first_byte_us", TimeUnit.NANOSECONDS.toMicros(report.firstByteNanos()));
            if (outputTokens > 1) {
                var streaming = report.durationNanos() - report.firstByteNanos();
                row.number(
                        "per_output_token_us",
                        TimeUnit.NANOSECONDS.toMicros(streaming / (outputTokens - 1)));
            }
        }
    }

    private static void writeTags(JsonWriter row, Map<String, String> tags) {
        if (tags.isEmpty()) {
            return;
        }
        row.name("tags").open('{');
        tags.forEach(row::tag);
        row.close('}');
    }

    private static void writeCharges(JsonWriter row, List<BudgetCharge> charges) {
        row.name("charges").open('[');
        for (var charge : charges) {
            if (charge.counts()) {
                row.open('{')
                        .text("budget", charge.counter().budgetId().toString())
                        .text("subject", charge.counter().subject())
                        .number("window_start", charge.counter().windowStart())
                        .close('}');
            }
        }
        row.close(']');
    }

    /// The trace id inside a W3C `traceparent`: `version-trace-span-flags`.
    private static String traceId(String traceParent) {
        return traceParent.length() < TRACE_PARENT_LENGTH_MIN
                ? ""
                : traceParent.substring(TRACE_ID_FROM, TRACE_ID_TO);
    }

    /// ISO 8601 in UTC.
    private static String timestamp(long epochMillis) {
        var nanos = (int) Math.floorMod(epochMillis, 1000L) * 1_000_000;
        return LocalDateTime.ofEpochSecond(Math.floorDiv(epochMillis, 1000L), nanos, ZoneOffset.UTC)
                + "Z";
    }
}
