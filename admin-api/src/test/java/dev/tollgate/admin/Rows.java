package dev.tollgate.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// Books ledger rows the way the node does, through `book_entries`.
final class Rows {

    private final AdminServer server;
    private final String organization;
    private final AtomicLong sequence = new AtomicLong();

    Rows(AdminServer server, String organization) {
        this.server = server;
        this.organization = organization;
        server.database()
                .fetch("select * from open_book({0}, 0)", org.jooq.impl.DSL.val(organization));
    }

    /// An attempt that used 10 input and 20 output tokens for 1500 nano-USD.
    JsonObject attempt(Instant at) {
        var id = id(at);
        return new JsonObject()
                .put("id", id.toString())
                .put("request_id", UUID.randomUUID().toString())
                .put("attempt", 1)
                .put("kind", "attempt")
                .put("occurred_at", at.toString())
                .put("endpoint", "chat/completions")
                .put("requested_model", "gpt-5")
                .put("served_model", "gpt-5-2026-01-01")
                .put("provider", "openai")
                .put("uncached_input_tokens", 4)
                .put("cache_read_tokens", 3)
                .put("cache_write_5m_tokens", 2)
                .put("cache_write_1h_tokens", 1)
                .put("output_tokens", 20)
                .put("requests", 1)
                .put("cost_nano_usd", 1500)
                .put("usage_source", "provider")
                .put("status", "ok")
                .put("http_status", 200)
                .put("duration_us", 1500);
    }

    JsonObject book(JsonObject row) {
        var entry =
                row.copy().put("seq", sequence.incrementAndGet()).put("alerts", new JsonArray());
        server.database()
                .fetch(
                        "select * from book_entries({0}, 1, 0, {1}::json)",
                        org.jooq.impl.DSL.val(organization),
                        org.jooq.impl.DSL.val(new JsonArray().add(entry).encode()));
        return row;
    }

    private static UUID id(Instant at) {
        var millis = at.minus(Duration.ofMillis(100)).toEpochMilli();
        var random = UUID.randomUUID();
        return new UUID(
                (millis << 16) | 0x7000 | (random.getMostSignificantBits() & 0xfff),
                random.getLeastSignificantBits());
    }
}
