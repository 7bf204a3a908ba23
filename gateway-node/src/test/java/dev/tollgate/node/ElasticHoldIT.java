package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.usesTool;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Dialect;
import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.provider.SeenRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Elastic budgets in a whole node: what is cut, how it ends, and that nothing goes past a limit.
class ElasticHoldIT {

    private static final long LIMIT = 3_000;
    private static final String TOOL =
            "{\"city\":\"Ghent\",\"days\":[1,2.50],\"deep\":{\"x\":null}}";

    private static final GatewayFixture GATEWAY = GatewayFixture.start();
    private static final Office OFFICE = new Office(GATEWAY);
    private static int names;

    @BeforeAll
    static void script() {
        GATEWAY.provider()
                .when(says("at length"), generates(3_500, 4_096).paced(Duration.ofMillis(2)))
                .when(says("all at once"), generates(3_500, 4_096))
                .when(says("with a tool"), usesTool("weather", TOOL))
                .always(replies("Hello there, said the model, and was done."));
    }

    @AfterAll
    static void stop() {
        GATEWAY.close();
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void a_stream_ends_where_the_budget_does(Dialect dialect) throws Exception {
        var key = key(LIMIT);

        var answers = atOnce(8, () -> ask(dialect, key, "at length", true));

        var admitted = admitted(answers);
        assertThat(admitted).hasSizeGreaterThan(1);
        for (var answer : admitted) {
            assertThat(answer.body()).contains(ends(dialect)).contains(length(dialect));
        }
        checkPosted(key, LIMIT);
        agree();
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void a_whole_answer_ends_where_the_budget_does(Dialect dialect) throws Exception {
        var key = key(LIMIT);

        var answers = atOnce(8, () -> ask(dialect, key, "at length", false));

        var admitted = admitted(answers);
        assertThat(admitted).hasSizeGreaterThan(1);
        for (var answer : admitted) {
            var json = new JsonObject(answer.body());
            assertThat(answer.headers().firstValue("content-type")).contains("application/json");
            assertThat(stop(dialect, json)).isEqualTo(lengthOf(dialect));
            assertThat(text(dialect, json)).isNotEmpty();
            assertThat(output(dialect, json))
                    .isEqualTo(OFFICE.row(answer).getLong("output_tokens"));
        }
        checkPosted(key, LIMIT);
        agree();
    }

    /// What it bills is booked; from then on it holds the worst case.
    @Test
    void a_provider_that_sends_all_at_once_is_not_held_elastically_again() throws Exception {
        var key = key(LIMIT);
        var body = body(Dialect.OPENAI, "all at once", true).put("model", "gpt-4.1-nano");

        var answers = atOnce(4, () -> post(Dialect.OPENAI, key, body));

        var cut =
                admitted(answers).stream()
                        .filter(answer -> OFFICE.row(answer).getString("status").equals("cut"))
                        .toList();
        assertThat(cut).isNotEmpty();
        for (var answer : cut) {
            assertThat(answer.body()).contains(length(Dialect.OPENAI));
            assertThat(OFFICE.row(answer).getBoolean("overrun")).isTrue();
            assertThat(OFFICE.row(answer).getString("usage_source")).isEqualTo("provider");
            assertThat(OFFICE.row(answer).getLong("output_tokens")).isLessThanOrEqualTo(LIMIT);
        }
        checkPosted(key, LIMIT * admitted(answers).size());
        var later = key(LIMIT);
        assertThat(post(Dialect.OPENAI, later, body.put("max_tokens", 4_000)).statusCode())
                .isEqualTo(429);
        agree();
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void nearly_all_of_a_budget_is_usable(Dialect dialect) throws Exception {
        var key = key(LIMIT);

        var calls = 0;
        while (ask(dialect, key, "at length", calls % 2 == 0).statusCode() == 200) {
            assertThat(++calls).isLessThan(100);
        }

        assertThat(posted(key)).isBetween(LIMIT * 98 / 100, LIMIT);
        agree();
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void an_answer_put_together_is_the_whole_answer(Dialect dialect) {
        var elastic = key(1_000_000);
        var plain = OFFICE.key("plain" + ++names, "");

        for (var words : List.of("Hello", "with a tool")) {
            var fetched = ask(dialect, elastic, words, false);
            var whole = ask(dialect, plain, words, false);

            assertThat(comparable(fetched)).isEqualTo(comparable(whole));
        }
        var calls = GATEWAY.provider().modelCalls();
        assertThat(calls.get(calls.size() - 2).body().toString()).contains("\"stream\":true");
        assertThat(calls.getLast().body().toString()).doesNotContain("\"stream\":true");
        agree();
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void a_caller_who_leaves_pays_for_what_was_produced(Dialect dialect) throws Exception {
        var key = key(100_000);
        var request =
                HttpRequest.newBuilder(GATEWAY.gateway().resolve(path(dialect)))
                        .header("content-type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        body(dialect, "at length", true).encode()));
        key.headers().forEach(request::header);

        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (var stream = answer.body()) {
                assertThat(stream.readNBytes(20_000)).hasSize(20_000);
            }
        }

        var posted = posted(key);
        assertThat(posted).isBetween(10L, 3_000L);
        agree();
    }

    @Test
    void what_hides_its_reasoning_holds_the_worst_case() {
        var key = key(LIMIT);
        var body =
                body(Dialect.OPENAI, "at length", true)
                        .put("max_tokens", 4_000)
                        .put("reasoning_effort", "low");

        var refused = post(Dialect.OPENAI, key, body);

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("output_tokens");
    }

    @Test
    void a_limit_of_the_caller_does_not_keep_it_from_beginning() {
        var key = key(LIMIT);
        var body = body(Dialect.OPENAI, "Hello", true).put("max_tokens", 16_000);

        var answer = post(Dialect.OPENAI, key, body);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"finish_reason\":\"stop\"");
    }

    @Test
    void a_budget_beside_it_that_is_not_elastic_wants_the_worst_case() {
        var name = "beside" + ++names;
        var key =
                OFFICE.key(
                        name,
                        "\"budgets\":[%s,%s]"
                                .formatted(
                                        elastic(100_000),
                                        "{\"period\":\"total\",\"limits\":{\"output_tokens\":2000}}"));
        var body = body(Dialect.OPENAI, "Hello", true).put("max_tokens", 4_000);

        assertThat(post(Dialect.OPENAI, key, body).statusCode()).isEqualTo(429);
        assertThat(post(Dialect.OPENAI, key, body.put("max_tokens", 2_000)).statusCode())
                .isEqualTo(200);
    }

    // --- ways to say it ---

    private static Predicate<SeenRequest> says(String words) {
        return seen -> seen.body().toString().contains(words);
    }

    private static Office.Key key(long outputTokens) {
        return OFFICE.key("elastic" + ++names, "\"budgets\":[" + elastic(outputTokens) + "]");
    }

    private static String elastic(long outputTokens) {
        return """
        {"period":"total","limits":{"output_tokens":%d},"hold":"elastic",
         "clamp":{"min_output_tokens":16}}
        """
                .formatted(outputTokens);
    }

    private static HttpResponse<String> ask(
            Dialect dialect, Office.Key key, String words, boolean stream) {
        return post(dialect, key, body(dialect, words, stream));
    }

    private static HttpResponse<String> post(Dialect dialect, Office.Key key, JsonObject body) {
        return GATEWAY.post(path(dialect), body.encode(), key.headers());
    }

    private static String path(Dialect dialect) {
        return dialect == Dialect.OPENAI ? "/v1/chat/completions" : "/v1/messages";
    }

    private static JsonObject body(Dialect dialect, String words, boolean stream) {
        var message = new JsonObject().put("role", "user").put("content", words);
        var body =
                new JsonObject()
                        .put("stream", stream)
                        .put("messages", new JsonArray().add(message));
        if (words.contains("tool")) {
            var schema = new JsonObject().put("type", "object");
            var tool =
                    dialect == Dialect.OPENAI
                            ? new JsonObject()
                                    .put("type", "function")
                                    .put(
                                            "function",
                                            new JsonObject()
                                                    .put("name", "weather")
                                                    .put("parameters", schema))
                            : new JsonObject().put("name", "weather").put("input_schema", schema);
            body.put("tools", new JsonArray().add(tool));
        }
        return dialect == Dialect.OPENAI
                ? body.put("model", "gpt-4o-mini")
                : body.put("model", "claude-haiku-4-5").put("max_tokens", 4_096);
    }

    private static List<HttpResponse<String>> atOnce(
            int callers, Callable<HttpResponse<String>> call) throws Exception {
        var calls = new ArrayList<Future<HttpResponse<String>>>();
        var answers = new ArrayList<HttpResponse<String>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var caller = 0; caller < callers; caller++) {
                calls.add(threads.submit(call));
            }
            for (var each : calls) {
                answers.add(each.get());
            }
        }
        return answers;
    }

    private static List<HttpResponse<String>> admitted(List<HttpResponse<String>> answers) {
        assertThat(answers).allMatch(each -> each.statusCode() == 200 || each.statusCode() == 429);
        return answers.stream().filter(each -> each.statusCode() == 200).toList();
    }

    private static void checkPosted(Office.Key key, long limit) {
        assertThat(posted(key)).isPositive().isLessThanOrEqualTo(limit);
    }

    /// What the key's only budget says, once nothing is held any more.
    private static long posted(Office.Key key) {
        return Office.await(
                        "the last settlement",
                        () ->
                                Optional.of(mine(key))
                                        .filter(use ->
                                                use.getJsonObject("requests").getLong("held") == 0))
                .getJsonObject("output_tokens")
                .getLong("posted");
    }

    private static JsonObject mine(Office.Key key) {
        var me = new JsonObject(GATEWAY.get("/v1/tollgate/me", key.headers()).body());
        return me.getJsonArray("budgets").getJsonObject(0);
    }

    private static String ends(Dialect dialect) {
        return dialect == Dialect.OPENAI ? "data: [DONE]\n\n" : "event: message_stop";
    }

    private static String length(Dialect dialect) {
        return dialect == Dialect.OPENAI
                ? "\"finish_reason\":\"length\""
                : "\"stop_reason\":\"max_tokens\"";
    }

    private static String lengthOf(Dialect dialect) {
        return dialect == Dialect.OPENAI ? "length" : "max_tokens";
    }

    private static String stop(Dialect dialect, JsonObject json) {
        return dialect == Dialect.OPENAI
                ? json.getJsonArray("choices").getJsonObject(0).getString("finish_reason")
                : json.getString("stop_reason");
    }

    private static String text(Dialect dialect, JsonObject json) {
        return dialect == Dialect.OPENAI
                ? json.getJsonArray("choices")
                        .getJsonObject(0)
                        .getJsonObject("message")
                        .getString("content")
                : json.getJsonArray("content").getJsonObject(0).getString("text");
    }

    private static long output(Dialect dialect, JsonObject json) {
        return json.getJsonObject("usage")
                .getLong(dialect == Dialect.OPENAI ? "completion_tokens" : "output_tokens");
    }

    /// Without what is another one in every answer.
    private static JsonObject comparable(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        var json = new JsonObject(answer.body().replaceAll("\"(call|toolu)_[^\"]*\"", "\"call\""));
        json.remove("id");
        json.remove("created");
        if (json.containsKey("choices")) {
            // Streams have none when there are none.
            json.getJsonArray("choices")
                    .getJsonObject(0)
                    .getJsonObject("message")
                    .remove("annotations");
        }
        return json;
    }

    private static void agree() {
        var bill = GATEWAY.provider().bill();
        var report = Checker.exact().check(bill, OFFICE.books(bill.size()));
        assertThat(report.differences()).as(report.toString()).isEmpty();
    }
}
