package dev.tollgate.node.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Limits;
import dev.tollgate.budget.Measure;
import dev.tollgate.budget.OutboxEntry;
import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Role;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.Outcome;
import dev.tollgate.price.Money;
import dev.tollgate.price.Price;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import dev.tollgate.tokens.UsageSource;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLedgerRowsTest {

    private static final UUID REQUEST = UUID.fromString("019aa1f9-0000-7000-8000-000000000001");
    private static final UUID ROW = UUID.fromString("019aa1f9-0000-7000-8000-000000000002");
    private static final UUID BUDGET = UUID.fromString("00000000-0000-0000-0000-00000000000b");
    private static final String NASTY = "a\"b\\c\u0000\n\uD83D\uDE00\uD800 größe 日本\u007F";

    private final JsonLedgerRows rows = new JsonLedgerRows();

    @Test
    void facts_are_the_columns_known_when_the_hold_is_taken() throws IOException {
        var facts = parse(rows.facts(exchange("u7", Map.of("app", "x")), ROW, 1, charges()));

        assertThat(facts)
                .isEqualTo(
                        parse(
                                """
                                "id":"019aa1f9-0000-7000-8000-000000000002",
                                "request_id":"019aa1f9-0000-7000-8000-000000000001",
                                "attempt":1,"kind":"attempt","occurred_at":"2026-11-20T15:43:37.001Z",
                                "organization":"local","team":"t1","user_name":"u1","end_user":"u7",
                                "key_id":"k1","tags":{"app":"x"},"endpoint":"/v1/chat/completions",
                                "dialect":"openai","requested_model":"gpt-x","provider":"openai",
                                "requests":1,
                                "charges":[{"budget":"00000000-0000-0000-0000-00000000000b",
                                            "subject":"u7","window_start":1800000000}],
                                "trace_id":"0af7651916cd43dd8448eb211c80319c"
                                """
                                        .getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void a_later_attempt_counts_the_request_until_it_moves_on() throws IOException {
        var facts = parse(rows.facts(exchange("", Map.of()), ROW, 2, List.of()));

        assertThat(facts.get("attempt").asInt()).isEqualTo(2);
        assertThat(facts.get("requests").asInt()).isEqualTo(1);
        assertThat(facts.get("charges")).isEmpty();
        assertThat(facts.has("tags")).isFalse();
        assertThat(facts.has("end_user")).isFalse();
    }

    @Test
    void text_of_callers_is_escaped_and_what_jsonb_cannot_hold_is_replaced() throws IOException {
        var facts = parse(rows.facts(exchange(NASTY, Map.of(NASTY, NASTY)), ROW, 1, List.of()));

        var expected = NASTY.replace('\u0000', '\uFFFD').replace("\uD800 ", "\uFFFD ");
        assertThat(facts.get("end_user").asText()).isEqualTo(expected);
        assertThat(facts.get("tags").get(expected).asText()).isEqualTo(expected);
    }

    @Test
    void the_outcome_is_tokens_cost_status_and_timings() throws IOException {
        var outcome = rows.outcome(exchange("", Map.of()), outcome(Completion.COMPLETE, true), 1);

        assertThat(parse(outcome))
                .isEqualTo(
                        parse(
                                """
                                "served_model":"gpt-x-1","uncached_input_tokens":10,"cache_read_tokens":3,
                                "output_tokens":5,"reasoning_tokens":2,"cost_nano_usd":77,
                                "price_version":"v1","usage_source":"provider","status":"ok",
                                "http_status":200,"overrun":true,"duration_us":9000,
                                "first_byte_us":1000,"per_output_token_us":2000,
                                "provider_request_id":"req-1"
                                """
                                        .getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void what_never_reached_a_provider_gives_its_request_back() throws IOException {
        var failed = Outcome.unsettled(UsageReport.notReached(5));

        var row = parse(rows.outcome(exchange("", Map.of()), failed, 0));

        assertThat(row.get("requests").asLong()).isZero();
    }

    @Test
    void an_unpriced_outcome_has_no_cost() throws IOException {
        var outcome =
                new Outcome(
                        UsageReport.notReached(5_000),
                        Usage.NONE,
                        UsageSource.PROVIDER,
                        Optional.empty(),
                        false);

        var row = parse(rows.outcome(exchange("", Map.of()), outcome, 0));

        assertThat(row.has("cost_nano_usd")).isFalse();
        assertThat(row.has("first_byte_us")).isFalse();
        assertThat(row.get("duration_us").asLong()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({
        "COMPLETE, ok",
        "CLIENT_LEFT, cancelled",
        "UPSTREAM_ERROR, upstream_error",
        "UPSTREAM_FAILED, upstream_failed",
        "CUT, cut"
    })
    void a_status_is_what_the_roll_ups_tell_errors_by(Completion completion, String status)
            throws IOException {
        var row = parse(rows.outcome(exchange("", Map.of()), outcome(completion, false), 1));

        assertThat(row.get("status").asText()).isEqualTo(status);
        assertThat(row.has("overrun")).isFalse();
    }

    @Test
    void outbox_entries_become_one_array_with_their_alerts() throws IOException {
        var counter = new CounterKey(BUDGET, NASTY, 60);
        var crossing = new OutboxEntry.Crossing(counter, Measure.COST_USD, 800, 1000, 801);
        var entries =
                List.of(
                        new OutboxEntry(
                                4, ROW, "{\"a\":1}".getBytes(StandardCharsets.UTF_8), List.of()),
                        new OutboxEntry(
                                5, ROW, "{}".getBytes(StandardCharsets.UTF_8), List.of(crossing)));

        var array = new ObjectMapper().readTree(OutboxJson.array(entries));

        assertThat(array).hasSize(2);
        assertThat(array.get(0).toString()).isEqualTo("{\"seq\":4,\"a\":1}");
        assertThat(array.get(1).get("alerts").get(0).get("limit_name").asText())
                .isEqualTo("cost_usd");
        assertThat(array.get(1).get("alerts").get(0).get("threshold").asInt()).isEqualTo(800);
        assertThat(new ObjectMapper().readTree(OutboxJson.one(entries.getFirst())).toString())
                .isEqualTo("{\"seq\":4,\"row\":{\"a\":1}}");
    }

    private static Outcome outcome(Completion completion, boolean overrun) {
        var usage = new Usage(10, 3, 0, 0, 5, 2, 0, 0, 0);
        var report =
                new UsageReport(
                        completion,
                        Optional.of(usage),
                        Optional.empty(),
                        true,
                        200,
                        "",
                        "gpt-x-1",
                        "",
                        "req-1",
                        1_000_000,
                        9_000_000,
                        "");
        return new Outcome(
                report, usage, UsageSource.PROVIDER, Optional.of(new Money(77)), overrun);
    }

    private static List<BudgetCharge> charges() {
        var counter = new CounterKey(BUDGET, "u7", 1_800_000_000L);
        var counted =
                new BudgetCharge(
                        counter,
                        "daily",
                        1_800_086_400L,
                        Limits.UNLIMITED,
                        Limits.UNLIMITED,
                        0,
                        List.of(),
                        "alert");
        var blocking =
                new BudgetCharge(
                        new CounterKey(new UUID(0, 99), "", 0),
                        "other",
                        Long.MAX_VALUE,
                        Limits.UNLIMITED,
                        Limits.UNLIMITED,
                        0,
                        List.of(),
                        "block",
                        false);
        return List.of(counted, blocking);
    }

    private static Exchange exchange(String endUser, Map<String, String> tags) {
        var provider =
                new Provider(
                        "openai",
                        "openai",
                        Dialect.OPENAI,
                        URI.create("http://127.0.0.1/v1"),
                        Optional.empty());
        var model =
                new Model(
                        "gpt-x",
                        "o200k_base",
                        0,
                        0,
                        0,
                        Optional.of(new Price("v1", 1, 1, 1, 1, 1, 1)));
        var places =
                new ModelRequest.Places(
                        1, true, ModelRequest.ABSENT, ModelRequest.ABSENT, ModelRequest.ABSENT);
        return new Exchange(
                REQUEST,
                1_795_189_417_001L,
                0,
                Endpoint.CHAT_COMPLETIONS,
                new Caller("local", "k1", "ci", "u1", "t1", "", Role.MEMBER, List.of()),
                new Attribution(endUser, "", tags),
                new ModelRequest(
                        new byte[0],
                        "gpt-x",
                        false,
                        false,
                        OptionalLong.empty(),
                        1,
                        0,
                        0,
                        0,
                        false,
                        "",
                        places),
                List.of(),
                "",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                List.of(new Deployment(provider, model, "gpt-x")),
                OptionalLong.empty(),
                Future.succeededFuture());
    }

    private static JsonNode parse(byte[] members) throws IOException {
        return new ObjectMapper().readTree("{" + new String(members, StandardCharsets.UTF_8) + "}");
    }
}
