package dev.tollgate.loadtest.check;

import com.fasterxml.jackson.databind.JsonNode;

/// One line of the usage report by model and user.
public record RollUp(String model, String user, Amounts amounts) {

    static RollUp parse(JsonNode json) {
        return new RollUp(
                Fields.text(json, "model"), Fields.text(json, "user"), Amounts.parse(json));
    }
}
