package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.closesMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.endsWithoutMark;
import static dev.tollgate.loadtest.provider.Behaviour.failsMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.resetsMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.usesTool;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.loadtest.provider.Dialect;
import dev.tollgate.loadtest.provider.RetryAfter;
import dev.tollgate.loadtest.provider.SeenRequest;
import dev.tollgate.loadtest.provider.TokenClasses;
import dev.tollgate.loadtest.provider.UsageReport;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the ledger says of all kinds of traffic, and what callers are told of it.
///
/// The provider does what the prompt says behind `do:`.
class LedgerIT {

    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "/v1/messages";
    private static final int ROUNDS = 4;
    private static final TokenClasses EXACT = TokenClasses.of(50, 500);

    private static final GatewayFixture GATEWAY = GatewayFixture.start();
    private static final Office OFFICE = new Office(GATEWAY);

    @BeforeAll
    static void script() {
        GATEWAY.provider().always(LedgerIT::behaviour);
    }

    @AfterAll
    static void stop() {
        GATEWAY.close();
    }

    /// By the word behind `do:` in the request.
    private static Behaviour behaviour(SeenRequest request) {
        var body = request.body().toString();
        var from = body.indexOf("do:") + 3;
        var word = from < 3 ? "" : body.substring(from, body.indexOf('.', from));
        return switch (word) {
            case "tool" -> usesTool("weather", "{\"city\":\"Ghent\"}");
            case "exact" -> generates(1, 20).bills(EXACT);
            case "other" -> generates(1, 20).servedBy(otherModel(request.dialect()));
            case "refuse" -> answers(400);
            case "fail" -> answers(500);
            case "busy" -> answers(429, RetryAfter.seconds(1));
            case "odd" ->
                    answers(
                            200,
                            Map.of("content-type", "application/json"),
                            "{\"error\":{\"message\":\"no\",\"type\":\"t\"}}");
            case "garbage" -> answers(200, Map.of("content-type", "application/json"), "<html>");
            case "untold" -> generates(5, 60).reports(UsageReport.MISSING);
            case "null" -> generates(5, 60).reports(UsageReport.NULL);
            case "absurd" -> generates(5, 60).reports(UsageReport.HUGE);
            case "close" -> closesMidStream(5);
            case "reset" -> resetsMidStream(5);
            case "unended" -> endsWithoutMark(5);
            case "broken" -> failsMidStream(5);
            default -> generates(1, 60);
        };
    }

    /// Of another price than the model asked for.
    private static String otherModel(Dialect dialect) {
        return switch (dialect) {
            case OPENAI -> "gpt-4.1-nano-2025-04-14";
            case ANTHROPIC -> "claude-sonnet-4-5-20250929";
        };
    }

    @Test
    void mixed_traffic_is_booked_as_it_was_billed() throws Exception {
        var key = OFFICE.key("mixed", "\"user\":\"mixed\"");
        OFFICE.budget(
                "mixed",
                "{\"scope\":{\"user\":\"mixed\"},\"period\":\"total\",\"limits\":{\"cost_usd\":\"100\"}}");
        var words =
                List.of(
                        "answer", "tool", "exact", "other", "refuse", "fail", "busy", "odd",
                        "garbage", "untold", "null", "absurd", "close", "reset", "unended",
                        "broken");

        try (var callers = Executors.newFixedThreadPool(8)) {
            var calls = new ArrayList<Future<Boolean>>();
            for (int round = 0; round < ROUNDS; round++) {
                for (var word : words) {
                    for (var stream : List.of(true, false)) {
                        calls.add(callers.submit(() -> sent(key, CHAT, chat(word, stream))));
                        calls.add(callers.submit(() -> sent(key, MESSAGES, message(word, stream))));
                    }
                }
                calls.add(callers.submit(() -> sent(key, "/v1/embeddings", embedding())));
                calls.add(callers.submit(() -> sent(key, CHAT, severalChoices())));
            }
            for (var call : calls) {
                call.get();
            }
        }

        var bill = GATEWAY.provider().bill();
        var books = OFFICE.books(bill.size(), "mixed");
        var report = Checker.tolerant().check(bill, books);
        assertThat(report.differences()).as(report.toString()).isEmpty();
        assertThat(report.billLines()).isGreaterThanOrEqualTo(ROUNDS * (words.size() * 4 + 2));
    }

    @Test
    void an_answer_whose_usage_is_untold_is_never_free() {
        var key = OFFICE.key("untold", "");

        for (var word : List.of("untold", "null", "absurd")) {
            for (var stream : List.of(true, false)) {
                var row = OFFICE.row(GATEWAY.post(CHAT, chat(word, stream), key.headers()));
                assertThat(row.getString("usage_source")).isEqualTo("estimated");
                assertThat(row.getLong("input_tokens")).isPositive();
                assertThat(row.getLong("output_tokens")).isPositive();
                assertThat(row.getLong("cost_nano_usd")).isPositive();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {CHAT, MESSAGES})
    void when_the_caller_leaves_the_provider_is_told_within_a_second_and_it_is_booked(String path)
            throws Exception {
        var words = "left " + path.length();
        GATEWAY.provider()
                .when(
                        seen -> seen.body().toString().contains(words),
                        generates(200, 200).pausesAfter(20, Promise.promise().future()));
        var body = path.equals(CHAT) ? chat(words, true) : message(words, true);

        var request =
                HttpRequest.newBuilder(GATEWAY.gateway().resolve(path))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        Instant left;
        String id;
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(request, BodyHandlers.ofInputStream());
            id = answer.headers().firstValue("x-request-id").orElseThrow();
            assertThat(answer.body().readNBytes(200)).hasSize(200);
            left = Instant.now();
            answer.body().close();
        }

        var seen =
                Office.await(
                        "the end of the upstream call",
                        () ->
                                GATEWAY.provider().modelCalls().stream()
                                        .filter(call -> call.body().toString().contains(words))
                                        .filter(SeenRequest::closedEarly)
                                        .findFirst());
        assertThat(seen.ended().orElseThrow()).isBefore(left.plusSeconds(1));
        var row = Office.await("its row", () -> OFFICE.rows(id).stream().findFirst());
        assertThat(row.getString("status")).isEqualTo("cancelled");
        assertThat(row.getLong("output_tokens")).isPositive();
        assertThat(row.getLong("cost_nano_usd")).isPositive();
    }

    @Test
    void whole_answers_tell_their_cost_and_what_is_left() {
        var key = OFFICE.key("told", "\"user\":\"told\"");
        OFFICE.budget(
                "told",
                "{\"scope\":{\"user\":\"told\"},\"period\":\"total\",\"limits\":{\"output_tokens\":10000,\"cost_usd\":\"1\"}}");

        var answer = GATEWAY.post(CHAT, chat("exact", false), key.headers());

        assertThat(answer.headers().firstValue("x-tollgate-cost-usd")).contains("0.0003075");
        assertThat(answer.headers().firstValue("x-tollgate-budget-remaining"))
                .contains("budget=told, output_tokens=9500, usd=0.9996925");
        assertThat(answer.headers().firstValue("x-tollgate-model")).contains("gpt-4o-mini");
        assertThat(answer.headers().firstValue("x-tollgate-provider")).contains("openai");
    }

    @Test
    void callers_see_their_budgets_and_requests_and_nobody_elses() {
        var key = OFFICE.key("seen", "\"user\":\"seen\",\"team\":\"t\",\"project\":\"p\"");
        var other = OFFICE.key("unseen", "");
        OFFICE.budget(
                "seen",
                "{\"scope\":{\"user\":\"seen\"},\"period\":\"total\",\"limits\":{\"output_tokens\":10000}}");
        var answer = GATEWAY.post(CHAT, chat("exact", false), key.headers());
        var story = "/v1/tollgate/requests/" + answer.headers().firstValue("x-request-id").get();

        var told =
                Office.await(
                        "its story",
                        () ->
                                Optional.of(GATEWAY.get(story, key.headers()))
                                        .filter(found -> found.statusCode() == 200)
                                        .map(found -> new JsonObject(found.body())));
        var me = new JsonObject(GATEWAY.get("/v1/tollgate/me", key.headers()).body());

        assertThat(told.getString("cost_usd")).isEqualTo("0.0003075");
        var attempt = told.getJsonArray("attempts").getJsonObject(0);
        assertThat(attempt.getLong("input_tokens")).isEqualTo(EXACT.input());
        assertThat(attempt.getLong("output_tokens")).isEqualTo(EXACT.output());
        assertThat(attempt.getString("usage_source")).isEqualTo("provider");
        assertThat(GATEWAY.get(story, other.headers()).statusCode()).isEqualTo(404);
        assertThat(GATEWAY.get(story, Map.of()).statusCode()).isEqualTo(404);
        assertThat(me.getString("team")).isEqualTo("t");
        var budget = me.getJsonArray("budgets").getJsonObject(0);
        assertThat(budget.getString("name")).isEqualTo("seen");
        assertThat(budget.getJsonObject("output_tokens"))
                .isEqualTo(
                        new JsonObject()
                                .put("posted", 500)
                                .put("held", 0)
                                .put("limit", 10_000)
                                .put("remaining", 9_500));
        assertThat(me.getJsonArray("models")).contains("gpt-4o-mini");
    }

    @Test
    void a_row_says_on_whose_behalf_it_was() {
        var key = OFFICE.key("behalf", "\"user\":\"u\",\"team\":\"t\",\"project\":\"p\"");
        var headers = new HashMap<>(key.headers());
        headers.put("x-app-user-id", "end-1");
        headers.put("x-tollgate-session", "s-1");
        headers.put("x-tollgate-tags", "env=prod,tier=gold");

        var row = OFFICE.row(GATEWAY.post(CHAT, chat("answer", false), headers));
        var claude =
                OFFICE.row(
                        GATEWAY.post(
                                MESSAGES,
                                new JsonObject(message("answer", false))
                                        .put("metadata", new JsonObject().put("user_id", "end-2"))
                                        .encode(),
                                Map.of("x-claude-code-session-id", "s-2")));

        assertThat(row.getString("end_user")).isEqualTo("end-1");
        assertThat(row.getString("session")).isEqualTo("s-1");
        assertThat(row.getJsonObject("tags"))
                .isEqualTo(new JsonObject().put("env", "prod").put("tier", "gold"));
        assertThat(row.getString("user")).isEqualTo("u");
        assertThat(row.getString("team")).isEqualTo("t");
        assertThat(row.getString("project")).isEqualTo("p");
        assertThat(row.getString("key")).isEqualTo(key.id());
        assertThat(claude.getString("end_user")).isEqualTo("end-2");
        assertThat(claude.getString("session")).isEqualTo("s-2");
    }

    @ParameterizedTest
    @CsvSource({
        CHAT + ", gpt-4o-mini-2024-07-18, 307500",
        CHAT + ", openai/gpt-4o-mini-latest, 307500",
        MESSAGES + ", claude-haiku-4-5-20251001, 2550000"
    })
    void a_dated_name_costs_what_its_model_costs_and_is_sent_as_it_is(
            String path, String model, long costNanoUsd) {
        var key =
                OFFICE.key(
                        "dated " + model,
                        "\"budgets\":[{\"period\":\"total\",\"limits\":{\"cost_usd\":\"1\"}}]");
        var body = new JsonObject(chat("exact", false)).put("model", model).encode();

        var answer = GATEWAY.post(path, body, key.headers());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        var name = model.substring(model.indexOf('/') + 1);
        assertThat(GATEWAY.provider().modelCalls())
                .anyMatch(seen -> seen.model().name().equals(name));
        var row = OFFICE.row(answer);
        assertThat(row.getLong("cost_nano_usd")).isEqualTo(costNanoUsd);
        assertThat(row.getString("model")).isEqualTo(name);
        assertThat(row.getString("requested_model")).isEqualTo(model);
    }

    /// Whether an answer came to its end.
    private static boolean sent(Office.Key key, String path, String body) {
        try {
            return GATEWAY.post(path, body, key.headers()).statusCode() == 200;
        } catch (UncheckedIOException brokenOff) {
            assertThat(brokenOff.getCause()).isInstanceOf(IOException.class);
            return false;
        }
    }

    private static String chat(String word, boolean stream) {
        return request("gpt-4o-mini", word, stream).encode();
    }

    private static String message(String word, boolean stream) {
        return request("claude-haiku-4-5", word, stream).encode();
    }

    private static String severalChoices() {
        return request("gpt-4o-mini", "answer", false).put("n", 3).encode();
    }

    private static String embedding() {
        return new JsonObject()
                .put("model", "text-embedding-3-small")
                .put("input", new JsonArray().add("one thing").add("another"))
                .encode();
    }

    private static JsonObject request(String model, String word, boolean stream) {
        var content = "Please do:" + word + ". Thank you.";
        return new JsonObject()
                .put("model", model)
                .put("max_tokens", 500)
                .put("stream", stream)
                .put(
                        "messages",
                        new JsonArray()
                                .add(new JsonObject().put("role", "user").put("content", content)));
    }
}
