package dev.tollgate.loadtest.check;

import com.fasterxml.jackson.databind.JsonNode;

/// What a counter or a roll-up counts.
public record Amounts(long requests, long inputTokens, long outputTokens, long costNanoUsd) {

    public static final Amounts NONE = new Amounts(0, 0, 0, 0);

    static Amounts parse(JsonNode json) {
        return new Amounts(
                json.path("requests").asLong(),
                json.path("input_tokens").asLong(),
                json.path("output_tokens").asLong(),
                Fields.nanoUsd(json));
    }

    Amounts plus(Amounts other) {
        return new Amounts(
                requests + other.requests,
                inputTokens + other.inputTokens,
                outputTokens + other.outputTokens,
                costNanoUsd + other.costNanoUsd);
    }
}
