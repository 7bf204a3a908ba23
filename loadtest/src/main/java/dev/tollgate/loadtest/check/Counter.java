package dev.tollgate.loadtest.check;

import com.fasterxml.jackson.databind.JsonNode;

/// A budget's use by one subject in its current window, as the admin API tells it.
///
/// @param windowStart ISO text, or empty when the API does not say
/// @param held reserved for requests in flight
public record Counter(
        String budget, String subject, String windowStart, Amounts posted, Amounts held) {

    static Counter parse(String budget, JsonNode json) {
        return new Counter(
                budget,
                Fields.text(json, "subject"),
                Fields.instant(json.path("window_start")),
                Amounts.parse(json.path("posted")),
                Amounts.parse(json.path("held")));
    }
}
