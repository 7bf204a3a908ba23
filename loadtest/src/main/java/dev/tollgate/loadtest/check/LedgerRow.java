package dev.tollgate.loadtest.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.loadtest.provider.TokenClasses;
import java.util.ArrayList;
import java.util.List;

/// One row of the gateway's ledger as its admin API tells it.
///
/// @param kind `attempt`, `correction`, or one that reaches no provider, such as a cache hit
/// @param requests 1 on the one row that counts its request
/// @param inputTotal and `outputTotal`: the totals the API states beside the classes
/// @param usageSource `provider`, `estimated` or `orphan`
/// @param providerRequestId empty when the gateway did not learn it
public record LedgerRow(
        String id,
        String requestId,
        long attempt,
        String kind,
        String corrects,
        String model,
        String user,
        int requests,
        TokenClasses tokens,
        long inputTotal,
        long outputTotal,
        long costNanoUsd,
        String usageSource,
        String status,
        String providerRequestId,
        List<Charge> charges) {

    public LedgerRow {
        charges = List.copyOf(charges);
    }

    /// A budget's counter that a row counts in.
    public record Charge(String budget, String subject, String windowStart) {}

    static LedgerRow parse(JsonNode json) {
        var charges = new ArrayList<Charge>();
        for (var charge : json.path("charges")) {
            charges.add(
                    new Charge(
                            charge.path("budget").asText(""),
                            Fields.text(charge, "subject"),
                            Fields.instant(charge.path("window_start"))));
        }
        return new LedgerRow(
                Fields.text(json, "id"),
                Fields.text(json, "request_id"),
                json.path("attempt").asLong(),
                Fields.text(json, "kind"),
                Fields.text(json, "corrects"),
                Fields.text(json, "model"),
                Fields.text(json, "user"),
                json.path("requests").asInt(),
                tokens(json),
                json.path("input_tokens").asLong(),
                json.path("output_tokens").asLong(),
                json.path("cost_nano_usd").asLong(),
                Fields.text(json, "usage_source"),
                Fields.text(json, "status"),
                Fields.text(json, "provider_request_id"),
                charges);
    }

    private static TokenClasses tokens(JsonNode json) {
        return new TokenClasses(
                json.path("uncached_input_tokens").asLong(),
                json.path("cache_read_tokens").asLong(),
                json.path("cache_write_5m_tokens").asLong(),
                json.path("cache_write_1h_tokens").asLong(),
                json.path("output_tokens").asLong(),
                json.path("reasoning_tokens").asLong());
    }

    boolean isCorrection() {
        return !corrects.isEmpty() || kind.equals("correction");
    }

    boolean isAttempt() {
        return kind.equals("attempt") || kind.isEmpty();
    }

    boolean isFree() {
        return tokens.input() == 0 && tokens.output() == 0 && costNanoUsd == 0;
    }
}
