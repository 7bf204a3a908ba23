package dev.tollgate.loadtest.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;

/// Reads fields of the admin API's answers in the forms they may take.
final class Fields {

    private Fields() {}

    /// Absent and null are empty.
    static String text(JsonNode json, String field) {
        var value = json.path(field);
        return value.isNull() ? "" : value.asText("");
    }

    /// ISO 8601 text or epoch seconds, as ISO text in UTC; absent is empty.
    static String instant(JsonNode value) {
        if (value.isNumber()) {
            return Instant.ofEpochSecond(value.asLong()).toString();
        }
        var text = value.isNull() ? "" : value.asText("");
        return text.isEmpty() ? "" : OffsetDateTime.parse(text).toInstant().toString();
    }

    /// `cost_nano_usd` as a number or `cost_usd` as decimal text.
    static long nanoUsd(JsonNode json) {
        if (json.has("cost_nano_usd")) {
            return json.path("cost_nano_usd").asLong();
        }
        var dollars = text(json, "cost_usd");
        return dollars.isEmpty() ? 0 : new BigDecimal(dollars).movePointRight(9).longValueExact();
    }
}
