package dev.tollgate.loadtest.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.loadtest.provider.BillLine;
import dev.tollgate.loadtest.provider.Dialect;
import dev.tollgate.loadtest.provider.TokenClasses;
import java.util.List;

/// Reads a bill from the lines of JSON that `GET /bill` answers with.
public final class BillReader {

    private static final ObjectMapper JSON = new ObjectMapper();

    private BillReader() {}

    public static List<BillLine> read(String lines) {
        return lines.lines().filter(line -> !line.isBlank()).map(BillReader::line).toList();
    }

    private static BillLine line(String text) {
        try {
            var json = JSON.readTree(text);
            return new BillLine(
                    json.path("request_number").asLong(),
                    Fields.text(json, "gateway_request_id"),
                    Fields.text(json, "provider_request_id"),
                    Dialect.valueOf(Fields.text(json, "dialect")),
                    Fields.text(json, "path"),
                    Fields.text(json, "model"),
                    new TokenClasses(
                            json.path("uncached_input_tokens").asLong(),
                            json.path("cache_read_tokens").asLong(),
                            json.path("cache_write_5m_tokens").asLong(),
                            json.path("cache_write_1h_tokens").asLong(),
                            json.path("output_tokens").asLong(),
                            json.path("reasoning_tokens").asLong()),
                    json.path("cost_pico_usd").asLong(),
                    BillLine.Outcome.valueOf(Fields.text(json, "outcome")),
                    json.path("usage_reported").asBoolean());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("bill line: " + text, e);
        }
    }
}
