package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.closesMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.streamsRaw;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.provider.SimulatedProvider;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Elastic budgets of requests whose first provider fails: the second attempt is held and extended
/// for itself.
class ElasticFailoverIT {

    private static final long LIMIT = 3_000;
    private static final int CALLERS = 6;

    private static final SimulatedProvider FIRST = SimulatedProvider.start();
    private static final GatewayFixture GATEWAY =
            GatewayFixture.start(
                    Map.of("FIRST_KEY", "sk-first"),
                    Map.of(
                            "providers",
                            List.of(
                                    provider("z-openai", "openai", FIRST.openAiBaseUrl()),
                                    provider(
                                            "z-anthropic",
                                            "anthropic",
                                            FIRST.anthropicBaseUrl() + "/v1"))));
    private static final SimulatedProvider SECOND = GATEWAY.provider();
    private static final Office OFFICE = new Office(GATEWAY);
    private static int names;

    /// The ways a request can come.
    enum Kind {
        OPENAI_WHOLE("openai", false),
        OPENAI_STREAMED("openai", true),
        ANTHROPIC_WHOLE("anthropic", false),
        ANTHROPIC_STREAMED("anthropic", true);

        final String provider;
        final boolean stream;

        Kind(String provider, boolean stream) {
            this.provider = provider;
            this.stream = stream;
        }

        boolean openAi() {
            return provider.equals("openai");
        }

        String path() {
            return openAi() ? "/v1/chat/completions" : "/v1/messages";
        }

        String body() {
            var message = new JsonObject().put("role", "user").put("content", "Go on");
            return new JsonObject()
                    .put("model", openAi() ? "gpt-4o-mini" : "claude-haiku-4-5")
                    .put("max_tokens", 4_096)
                    .put("stream", stream)
                    .put("messages", new JsonArray().add(message))
                    .encode();
        }

        String length() {
            return openAi() ? "\"finish_reason\":\"length\"" : "\"stop_reason\":\"max_tokens\"";
        }
    }

    @AfterAll
    static void stop() {
        GATEWAY.close();
        FIRST.close();
    }

    @BeforeEach
    void script() {
        SECOND.always(replies("Hello there, said the second."));
    }

    @ParameterizedTest
    @EnumSource
    void the_second_answer_ends_where_the_budget_does(Kind kind) throws Exception {
        FIRST.always(answers(503));
        SECOND.always(generates(3_500, 4_096).paced(Duration.ofMillis(2)));
        var key = key();

        var answers = atOnce(kind, key);

        assertThat(answers)
                .allMatch(answer -> List.of(200, 429, 503).contains(answer.statusCode()));
        var answered = answers.stream().filter(answer -> answer.statusCode() == 200).toList();
        assertThat(answered).hasSizeGreaterThan(1);
        for (var answer : answered) {
            assertThat(answer.body()).contains(kind.length());
            var rows = rows(answer, 2);
            assertThat(rows)
                    .extracting(row -> row.getString("provider"))
                    .containsExactly("z-" + kind.provider, kind.provider);
            assertThat(rows).extracting(row -> row.getInteger("requests")).containsExactly(0, 1);
            assertThat(rows.getFirst().getLong("output_tokens")).isZero();
            assertThat(rows.getLast().getBoolean("overrun")).isFalse();
        }
        assertThat(answered).anyMatch(answer -> status(rows(answer, 2)).equals("cut"));
        assertThat(posted(key)).isBetween(1L, LIMIT);
        agree();
    }

    @ParameterizedTest
    @EnumSource
    void an_error_in_place_of_an_answer_is_left_for_the_second(Kind kind) {
        FIRST.always(
                streamsRaw(
                        200,
                        Map.of("content-type", "text/event-stream"),
                        List.of(error(kind).getBytes(StandardCharsets.UTF_8)),
                        Duration.ZERO));
        var key = key();

        var answer = GATEWAY.post(kind.path(), kind.body(), key.headers());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-tollgate-provider")).contains(kind.provider);
        assertThat(status(rows(answer, 2))).isEqualTo("ok");
        assertThat(posted(key)).isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_WHOLE", "ANTHROPIC_WHOLE"})
    void what_broke_off_is_billed_and_not_asked_for_again(Kind kind) {
        FIRST.always(closesMidStream(3));
        var calls = SECOND.modelCalls().size();
        var key = key();

        var answer = GATEWAY.post(kind.path(), kind.body(), key.headers());

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(SECOND.modelCalls()).hasSize(calls);
        assertThat(rows(answer, 1)).hasSize(1);
        assertThat(posted(key)).isPositive();
    }

    // --- helpers ---

    private static Office.Key key() {
        return OFFICE.key(
                "elastic" + ++names,
                """
                "budgets":[{"period":"total","limits":{"output_tokens":%d},"hold":"elastic",
                            "clamp":{"min_output_tokens":16}}]
                """
                        .formatted(LIMIT));
    }

    private static List<HttpResponse<String>> atOnce(Kind kind, Office.Key key) throws Exception {
        var answers = new ArrayList<HttpResponse<String>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Future<HttpResponse<String>>>();
            for (var caller = 0; caller < CALLERS; caller++) {
                calls.add(
                        threads.submit(
                                () -> GATEWAY.post(kind.path(), kind.body(), key.headers())));
            }
            for (var call : calls) {
                answers.add(call.get());
            }
        }
        return answers;
    }

    /// What the key's budget says, once nothing is held any more.
    private static long posted(Office.Key key) {
        return Office.await("the last settlement", () -> mine(key).filter(ElasticFailoverIT::idle))
                .getJsonObject("output_tokens")
                .getLong("posted");
    }

    private static Optional<JsonObject> mine(Office.Key key) {
        var me = new JsonObject(GATEWAY.get("/v1/tollgate/me", key.headers()).body());
        return Optional.of(me.getJsonArray("budgets").getJsonObject(0));
    }

    private static boolean idle(JsonObject use) {
        return use.getJsonObject("requests").getLong("held") == 0;
    }

    private static String status(List<JsonObject> rows) {
        return rows.getLast().getString("status");
    }

    /// A request's rows, once there are so many, by attempt.
    private static List<JsonObject> rows(HttpResponse<?> answer, int count) {
        var id = answer.headers().firstValue("x-request-id").orElseThrow();
        return Office.await(
                        "rows of request " + id,
                        () -> Optional.of(OFFICE.rows(id)).filter(rows -> rows.size() >= count))
                .stream()
                .sorted(Comparator.comparing(row -> row.getInteger("attempt")))
                .toList();
    }

    /// Both providers' bills, of complete answers and of others, are the ledger.
    private static void agree() {
        var bill = new ArrayList<>(FIRST.bill());
        bill.addAll(SECOND.bill());
        var report = Checker.exact().check(bill, OFFICE.books(bill.size()));
        assertThat(report.differences()).as(report.toString()).isEmpty();
    }

    private static String error(Kind kind) {
        return kind.openAi()
                ? "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n"
                : """
                event: error
                data: {"type":"error","error":{"type":"overloaded_error","message":"overloaded"}}

                """;
    }

    private static Map<String, Object> provider(String name, String type, String baseUrl) {
        return Map.of(
                "name", name, "type", type, "base_url", baseUrl, "credential", "env:FIRST_KEY");
    }
}
