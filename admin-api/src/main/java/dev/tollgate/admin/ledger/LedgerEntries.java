package dev.tollgate.admin.ledger;

import static dev.tollgate.schema.jooq.Tables.BUDGETS;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.price.Money;
import dev.tollgate.schema.jooq.tables.records.LedgerRecord;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.JSONB;
import org.jspecify.annotations.Nullable;

/// Ledger rows as the API shows them.
final class LedgerEntries {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double MICROS_PER_MILLI = 1000;

    private LedgerEntries() {}

    static List<Tree> trees(DSLContext database, List<LedgerRecord> rows) {
        var names = budgetNames(database, rows);
        return rows.stream().map(row -> tree(row, names)).toList();
    }

    private static Tree tree(LedgerRecord row, Map<UUID, String> budgetNames) {
        return Tree.object()
                .with("id", row.getId().toString())
                .with("request_id", row.getRequestId().toString())
                .with("attempt", row.getAttempt())
                .with("kind", row.getKind())
                .with("corrects", row.getCorrects() == null ? null : row.getCorrects().toString())
                .with("occurred_at", Timestamps.text(row.getOccurredAt()))
                .with("organization", row.getOrganization())
                .with("team", row.getTeam())
                .with("project", row.getProject())
                .with("user", row.getUserName())
                .with("end_user", row.getEndUser())
                .with("session", row.getSession())
                .with("key", row.getKeyId())
                .with("tags", members(row.getTags()))
                .with("endpoint", row.getEndpoint())
                .with("dialect", row.getDialect())
                .with("requested_model", row.getRequestedModel())
                .with("model", model(row))
                .with("provider", row.getProvider())
                .with("route", row.getRoute())
                .withAll(tokens(row))
                .with("requests", row.getRequests())
                .with("cost_nano_usd", row.getCostNanoUsd())
                .with("cost_usd", usd(row.getCostNanoUsd()))
                .with("price_version", priceVersion(row))
                .with("avoided_cost_usd", usd(row.getAvoidedCostNanoUsd()))
                .with("usage_source", row.getUsageSource())
                .with("status", row.getStatus())
                .with("http_status", row.getHttpStatus())
                .with("overrun", row.getOverrun())
                .with("duration_ms", millis(row.getDurationUs()))
                .with("first_byte_ms", millis(row.getFirstByteUs()))
                .with("charges", charges(row.getCharges(), budgetNames))
                .with("trace_id", row.getTraceId())
                .with("provider_request_id", row.getProviderRequestId());
    }

    /// The one that served, or where that was never learnt the one asked for: as the roll-ups have
    /// it.
    private static @Nullable String model(LedgerRecord row) {
        var served = row.getServedModel();
        return served == null ? row.getRequestedModel() : served;
    }

    /// A correction has an empty one where the price has no version.
    private static @Nullable String priceVersion(LedgerRecord row) {
        var version = row.getPriceVersion();
        return version == null || version.isEmpty() ? null : version;
    }

    private static Tree tokens(LedgerRecord row) {
        return Tree.object()
                .with("uncached_input_tokens", row.getUncachedInputTokens())
                .with("cache_read_tokens", row.getCacheReadTokens())
                .with("cache_write_5m_tokens", row.getCacheWrite_5mTokens())
                .with("cache_write_1h_tokens", row.getCacheWrite_1hTokens())
                .with("input_tokens", inputTokens(row))
                .with("output_tokens", row.getOutputTokens())
                .with("reasoning_tokens", row.getReasoningTokens())
                .with("audio_tokens", row.getAudioTokens())
                .with("image_tokens", row.getImageTokens())
                .with("tool_calls", row.getToolCalls());
    }

    static long inputTokens(LedgerRecord row) {
        return row.getUncachedInputTokens()
                + row.getCacheReadTokens()
                + row.getCacheWrite_5mTokens()
                + row.getCacheWrite_1hTokens();
    }

    static @Nullable String usd(@Nullable Long nanoUsd) {
        return nanoUsd == null ? null : new Money(nanoUsd).toUsd();
    }

    private static @Nullable Double millis(@Nullable Long micros) {
        return micros == null ? null : micros / MICROS_PER_MILLI;
    }

    private static Map<String, String> members(JSONB json) {
        var members = new HashMap<String, String>();
        parse(json).properties().forEach(tag -> members.put(tag.getKey(), tag.getValue().asText()));
        return members;
    }

    private static List<Object> charges(JSONB json, Map<UUID, String> budgetNames) {
        var charges = new ArrayList<Object>();
        for (var charge : parse(json)) {
            var id = charge.path("budget").asText();
            var start = charge.path("window_start").asLong();
            charges.add(
                    Tree.object()
                            .with("budget", budgetNames.get(UUID.fromString(id)))
                            .with("budget_id", id)
                            .with("subject", charge.path("subject").asText())
                            .with(
                                    "window_start",
                                    start == 0
                                            ? null
                                            : Timestamps.text(Instant.ofEpochSecond(start))));
        }
        return charges;
    }

    private static Map<UUID, String> budgetNames(DSLContext database, List<LedgerRecord> rows) {
        var ids = new HashSet<UUID>();
        for (var row : rows) {
            for (var charge : parse(row.getCharges())) {
                ids.add(UUID.fromString(charge.path("budget").asText()));
            }
        }
        return ids.isEmpty()
                ? Map.of()
                : database.select(BUDGETS.ID, BUDGETS.NAME)
                        .from(BUDGETS)
                        .where(BUDGETS.ID.in(ids))
                        .fetchMap(BUDGETS.ID, BUDGETS.NAME);
    }

    private static JsonNode parse(JSONB json) {
        try {
            return JSON.readTree(json.data());
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
