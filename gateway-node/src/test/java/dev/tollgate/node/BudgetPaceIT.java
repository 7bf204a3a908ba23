package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.provider.BillLine;
import dev.tollgate.loadtest.provider.TokenClasses;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a budget does before it refuses: it paces, slows down, has another model answer, lets wait.
class BudgetPaceIT {

    private static final String OPUS = "claude-opus-4-5";
    private static final String HAIKU = "claude-haiku-4-5";
    private static final TokenClasses EXACT = TokenClasses.of(10, 50);

    private static final GatewayFixture GATEWAY = GatewayFixture.start();
    private static final Office OFFICE = new Office(GATEWAY);

    @BeforeAll
    static void script() {
        GATEWAY.provider()
                .when(
                        seen -> seen.body().toString().contains("exactly"),
                        generates(1, 20).bills(EXACT))
                .always(replies("Hello"));
    }

    @AfterAll
    static void stop() {
        GATEWAY.close();
    }

    // --- rates ---

    @Test
    void a_rate_refuses_for_as_long_as_it_takes() {
        var key = OFFICE.key("rated", budgetOfKey(rate("requests", 20, 2)));

        var answers = List.of(ask(key, "Hi"), ask(key, "Hi"), ask(key, "Hi"));

        assertThat(answers).extracting(HttpResponse::statusCode).containsExactly(200, 200, 429);
        var refused = answers.getLast();
        assertThat(Integer.parseInt(refused.headers().firstValue("retry-after").orElseThrow()))
                .isBetween(2, 3);
        assertThat(refused.headers().firstValue("x-should-retry")).isEmpty();
        assertThat(refusal(refused).getString("action")).isEqualTo("rate");
        assertThat(refusal(refused).getLong("per_minute")).isEqualTo(20);
    }

    @Test
    void a_rate_that_allows_a_request_soon_has_it_wait() {
        var key = OFFICE.key("soon", budgetOfKey(rate("requests", 60, 1)));
        assertThat(ask(key, "Hi").statusCode()).isEqualTo(200);
        var began = System.nanoTime();

        var second = ask(key, "Hi");

        assertThat(second.statusCode()).as(second.body()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(500), Duration.ofSeconds(5));
    }

    @Test
    void a_request_larger_than_the_burst_is_refused_for_good() {
        var key = OFFICE.key("large", budgetOfKey(rate("output_tokens", 100_000, 49)));

        var refused = ask(key, "Hi");

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("x-should-retry")).contains("false");
        assertThat(refused.headers().firstValue("retry-after")).isEmpty();
        assertThat(refusal(refused).getLong("burst")).isEqualTo(49);
        assertThat(refusal(refused).getLong("asked")).isEqualTo(50);
    }

    @Test
    void no_more_is_billed_than_a_rate_allows() throws Exception {
        var perMinute = 6_000L;
        var burst = 1_000L;
        var key = OFFICE.key("billed", budgetOfKey(rate("total_tokens", perMinute, burst)));
        var before = GATEWAY.provider().bill().size();
        var began = System.nanoTime();

        var statuses = new ArrayList<Integer>();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Future<Integer>>();
            for (int caller = 0; caller < 60; caller++) {
                calls.add(callers.submit(() -> ask(key, "exactly").statusCode()));
            }
            for (var call : calls) {
                statuses.add(call.get());
            }
        }

        var millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
        var bill = GATEWAY.provider().bill();
        var tokens = tokens(bill.subList(before, bill.size()));
        assertThat(tokens).isLessThanOrEqualTo(burst + perMinute * millis / 60_000);
        assertThat(tokens).isGreaterThanOrEqualTo(burst * 9 / 10);
        assertThat(new HashSet<>(statuses)).containsExactlyInAnyOrder(200, 429);
        agree();
    }

    @Test
    void a_throttle_begins_at_its_threshold() {
        var key =
                OFFICE.key(
                        "slowed",
                        budgetOfKey(
                                """
                                {"period":"total","limits":{"output_tokens":1000},
                                 "actions":[{"at":0.1,"do":"throttle","tokens_per_minute":600}]}
                                """));

        // Twice fifty, and then half a minute's tokens for the worst case of each.
        var statuses = new ArrayList<Integer>();
        var last = ask(key, "exactly");
        for (int call = 0; last.statusCode() == 200 && call < 40; call++) {
            statuses.add(last.statusCode());
            last = ask(key, "exactly");
        }

        assertThat(last.statusCode()).as(last.body()).isEqualTo(429);
        assertThat(refusal(last).getString("action")).isEqualTo("throttle");
        assertThat(refusal(last).getLong("per_minute")).isEqualTo(600);
        assertThat(last.headers().firstValue("retry-after")).isPresent();
        assertThat(statuses).hasSizeGreaterThan(2);
    }

    // --- another model ---

    @Test
    void another_model_answers_from_the_threshold_on() {
        // Opus costs $0.0013 a call, and $0.0021 at worst; haiku a fifth.
        var key = OFFICE.key("led", "\"user\":\"led\"");
        OFFICE.budget(
                "led",
                """
                {"scope":{"user":"led"},"period":"total","limits":{"cost_usd":"0.010"},
                 "actions":[{"at":0.5,"do":"downgrade","to":"claude-haiku-4-5"},
                  {"at":1,"do":"reject"}]}
                """);

        var models = new ArrayList<String>();
        var answer = ask(key, "exactly");
        for (int call = 0; answer.statusCode() == 200 && call < 100; call++) {
            models.add(answer.headers().firstValue("x-tollgate-model").orElseThrow());
            var row = OFFICE.row(answer);
            assertThat(row.getString("requested_model")).isEqualTo(OPUS);
            answer = ask(key, "exactly");
        }

        assertThat(models.getFirst()).isEqualTo(OPUS);
        assertThat(models.getLast()).isEqualTo(HAIKU);
        assertThat(models.lastIndexOf(OPUS)).isLessThan(models.indexOf(HAIKU));
        assertThat(models).filteredOn(OPUS::equals).hasSizeBetween(2, 4);
        assertThat(models).filteredOn(HAIKU::equals).hasSizeGreaterThan(10);
        var last = GATEWAY.provider().modelCalls().getLast().body().toString();
        assertThat(last).contains("\"model\":\"" + HAIKU + "\"");
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(refusal(answer).getString("action")).isEqualTo("reject");
        var posted = OFFICE.usage("led", "").getJsonObject("posted").getString("cost_usd");
        assertThat(new BigDecimal(posted))
                .isBetween(new BigDecimal("0.009"), new BigDecimal("0.010"));
        agree();
    }

    @Test
    void a_model_of_another_dialect_cannot_answer() {
        var key =
                OFFICE.key(
                        "mute",
                        budgetOfKey(
                                """
                                {"period":"total","limits":{"requests":10},
                                 "actions":[{"at":0.1,"do":"downgrade","to":"gpt-5-mini"}]}
                                """));
        assertThat(ask(key, "Hi").statusCode()).isEqualTo(200);

        var refused = ask(key, "Hi");

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("x-should-retry")).contains("false");
        assertThat(refused.body()).contains("gpt-5-mini").contains("openai dialect");
        assertThat(refusal(refused).getString("to")).isEqualTo("gpt-5-mini");
    }

    // --- waiting ---

    @Test
    void a_request_waits_for_its_turn() throws Exception {
        var key = OFFICE.key("turn", budgetOfKey("{\"concurrent_requests\":1}"));
        var opened = Promise.<Void>promise();
        GATEWAY.provider()
                .when(
                        seen -> seen.body().toString().contains("hold the door"),
                        replies("Hello").waitsFor(opened.future()));

        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = callers.submit(() -> ask(key, "hold the door"));
            awaitCall("hold the door");
            var second = callers.submit(() -> ask(key, "in turn"));
            LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
            assertThat(second.isDone()).isFalse();
            opened.complete();

            assertThat(first.get().statusCode()).isEqualTo(200);
            assertThat(second.get().statusCode()).isEqualTo(200);
        }
    }

    // --- overrides ---

    @Test
    void an_override_ends_while_the_budget_is_in_use() {
        var key = OFFICE.key("favoured", "\"user\":\"favoured\"");
        var until = Instant.now().plusSeconds(3);
        OFFICE.budget(
                "favoured",
                """
                {"scope":{"user":"favoured"},"per":"user","period":"total","limits":{"requests":1},
                 "overrides":[{"subject":"favoured","limits":{"requests":1000000},
                  "expires_at":"%s"}]}
                """
                        .formatted(until));

        assertThat(ask(key, "Hi").statusCode()).isEqualTo(200);
        assertThat(ask(key, "Hi").statusCode()).isEqualTo(200);

        var refused =
                Office.await(
                        "the end of the override",
                        () ->
                                Optional.of(ask(key, "Hi"))
                                        .filter(answer -> answer.statusCode() == 429));
        assertThat(Instant.now()).isAfterOrEqualTo(until.minusMillis(500));
        assertThat(refusal(refused).getLong("limit")).isEqualTo(1);
    }

    // --- ways to say it ---

    /// Bill, ledger and roll-ups, to the token and the nano-dollar.
    private static void agree() {
        var bill = GATEWAY.provider().bill();
        var report = Checker.exact().check(bill, OFFICE.books(bill.size()));
        assertThat(report.differences()).as(report.toString()).isEmpty();
    }

    private static long tokens(List<BillLine> bill) {
        return bill.stream()
                .mapToLong(line -> line.tokens().input() + line.tokens().output())
                .sum();
    }

    private static void awaitCall(String words) {
        Office.await(
                "the call",
                () ->
                        GATEWAY.provider().modelCalls().stream()
                                .filter(seen -> seen.body().toString().contains(words))
                                .findFirst());
    }

    private static String rate(String measure, long perMinute, long burst) {
        return "{\"rates\":{\"%s\":{\"per_minute\":%d,\"burst\":%d}}}"
                .formatted(measure, perMinute, burst);
    }

    private static String budgetOfKey(String budget) {
        return "\"budgets\":[" + budget + "]";
    }

    private static HttpResponse<String> ask(Office.Key key, String words) {
        var message = new JsonObject().put("role", "user").put("content", words);
        var body =
                new JsonObject()
                        .put("model", OPUS)
                        .put("max_tokens", 50)
                        .put("messages", new JsonArray().add(message))
                        .encode();
        return GATEWAY.post("/v1/messages", body, new HashMap<>(key.headers()));
    }

    private static JsonObject refusal(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error").getJsonObject("tollgate");
    }
}
