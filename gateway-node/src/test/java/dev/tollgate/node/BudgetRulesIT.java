package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.provider.TokenClasses;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whom a budget is for, what it does at its limit, and what can be changed of it.
class BudgetRulesIT {

    private static final String SONNET = "claude-sonnet-4-5";
    private static final String OPUS = "claude-opus-4-5";
    private static final long LONG_ANSWER = 60_000;

    private static final GatewayFixture GATEWAY =
            GatewayFixture.start(
                    Map.of(
                            "TOLLGATE_DAILY_TOKENS_PER_USER", "100000",
                            "TOLLGATE_DAILY_USD", "50"));
    private static final Office OFFICE = new Office(GATEWAY);

    @BeforeAll
    static void script() {
        GATEWAY.provider()
                .when(
                        seen -> seen.body().toString().contains("at length"),
                        generates(1, 20).bills(TokenClasses.of(10, LONG_ANSWER)))
                .always(replies("Hello"));
    }

    @AfterAll
    static void stop() {
        GATEWAY.close();
    }

    @Test
    void end_users_count_apart() {
        var key = OFFICE.key("apart", "\"user\":\"apart\"");
        OFFICE.budget(
                "apart",
                """
                {"scope":{"user":"apart"},"per":"end_user","period":"total","limits":{"requests":2}}
                """);

        assertThat(status(key, "x-app-user-id", "a")).isEqualTo(200);
        assertThat(status(key, "x-app-user-id", "a")).isEqualTo(200);
        var third = ask(key, Map.of("x-app-user-id", "a"), SONNET);
        assertThat(status(key, "x-app-user-id", "b")).isEqualTo(200);

        assertThat(third.statusCode()).isEqualTo(429);
        assertThat(refusal(third).getString("subject")).isEqualTo("a");
        assertThat(requests("apart", "a")).isEqualTo(2);
        assertThat(requests("apart", "b")).isEqualTo(1);
    }

    @Test
    void the_ready_made_budgets_hold() {
        var key = OFFICE.key("ready", "");
        var body =
                new JsonObject(body("gpt-5", "at length")).put("max_tokens", LONG_ANSWER).encode();
        var headers = with(key, Map.of("x-app-user-id", "ready"));

        var first = GATEWAY.post("/v1/chat/completions", body, headers);
        var second = GATEWAY.post("/v1/chat/completions", body, headers);

        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(refusal(second).getString("budget")).isEqualTo("daily-tokens-per-user");
        assertThat(refusal(second).getString("measure")).isEqualTo("total_tokens");
        var used = OFFICE.usage("daily-tokens-per-user", "ready").getJsonObject("posted");
        assertThat(used.getLong("total_tokens")).isEqualTo(LONG_ANSWER + 10);
        assertThat(OFFICE.usage("daily-usd", "").getJsonObject("limit").getString("cost_usd"))
                .isEqualTo("50.00");
    }

    @Test
    void a_limit_changes_in_place_and_the_counter_stays() {
        var key = OFFICE.key("changed", "\"user\":\"changed\"");
        var budget =
                """
                {"scope":{"user":"changed"},"period":"total","limits":{"requests":%d}}
                """;
        OFFICE.budget("changed", budget.formatted(2));
        assertThat(List.of(status(key), status(key), status(key)))
                .isEqualTo(List.of(200, 200, 429));

        OFFICE.budget("changed", budget.formatted(3));

        assertThat(List.of(status(key), status(key))).isEqualTo(List.of(200, 429));
        assertThat(requests("changed", "")).isEqualTo(3);
        OFFICE.budget("changed", budget.formatted(1));
        assertThat(status(key)).isEqualTo(429);
        assertThat(requests("changed", "")).isEqualTo(3);
    }

    @Test
    void an_alert_is_recorded_once() {
        var key = OFFICE.key("alerted", "\"user\":\"alerted\"");
        OFFICE.budget(
                "alerted",
                """
                {"scope":{"user":"alerted"},"period":"total","limits":{"requests":4},
                 "actions":[{"at":0.5,"do":"alert"},{"at":1,"do":"reject"}]}
                """);

        for (int call = 0; call < 4; call++) {
            assertThat(status(key)).isEqualTo(200);
        }
        assertThat(status(key)).isEqualTo(429);

        Office.await(
                "all rows",
                () ->
                        Optional.of(OFFICE.items(Office.ORGANIZATION + "/ledger"))
                                .filter(rows ->
                                        rows.stream()
                                                        .filter(row ->
                                                                "alerted"
                                                                        .equals(
                                                                                row.getString(
                                                                                        "user")))
                                                        .count()
                                                == 4));
        var alert = Office.await("the alert", () -> alerts("alerted").stream().findFirst());
        assertThat(alerts("alerted")).hasSize(1);
        assertThat(alert.getString("measure")).isEqualTo("requests");
        assertThat(alert.getDouble("at")).isEqualTo(0.5);
    }

    @Test
    void a_block_is_for_the_models_it_names() {
        var key = OFFICE.key("blocked", "\"user\":\"blocked\"");
        OFFICE.budget(
                "blocked",
                """
                {"scope":{"user":"blocked"},"period":"total","limits":{"requests":4},
                 "actions":[{"at":0.5,"do":"block","models":["*opus*"]},{"at":1,"do":"reject"}]}
                """);
        assertThat(ask(key, Map.of(), OPUS).statusCode()).isEqualTo(200);
        assertThat(status(key)).isEqualTo(200);

        var blocked = ask(key, Map.of(), OPUS + "-20251101");

        assertThat(blocked.statusCode()).isEqualTo(429);
        assertThat(refusal(blocked).getString("action")).isEqualTo("block");
        assertThat(List.of(status(key), status(key), status(key)))
                .isEqualTo(List.of(200, 200, 429));
    }

    @Test
    void only_so_many_run_at_a_time() throws Exception {
        var key = OFFICE.key("crowded", "\"budgets\":[{\"concurrent_requests\":1}]");
        var opened = Promise.<Void>promise();
        GATEWAY.provider()
                .when(
                        seen -> seen.body().toString().contains("wait here"),
                        replies("Hello").waitsFor(opened.future()));

        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var first =
                    callers.submit(() ->
                            GATEWAY.post("/v1/messages", body(SONNET, "wait here"), key.headers()));
            Office.await(
                    "the first call",
                    () ->
                            GATEWAY.provider().modelCalls().stream()
                                    .filter(seen -> seen.body().toString().contains("wait here"))
                                    .findFirst());
            var second = ask(key, Map.of(), SONNET);
            opened.complete();

            assertThat(second.statusCode()).isEqualTo(429);
            assertThat(second.headers().firstValue("retry-after")).contains("1");
            assertThat(second.headers().firstValue("x-should-retry")).isEmpty();
            assertThat(refusal(second).getString("measure")).isEqualTo("concurrent_requests");
            assertThat(first.get().statusCode()).isEqualTo(200);
        }
        assertThat(status(key)).isEqualTo(200);
    }

    @Test
    void an_override_is_for_its_subject() {
        var key = OFFICE.key("overridden", "\"user\":\"overridden\"");
        OFFICE.budget(
                "overridden",
                """
                {"scope":{"user":"overridden"},"per":"end_user","period":"total",
                 "limits":{"requests":1},
                 "overrides":[{"subject":"vip","limits":{"requests":2}},
                  {"subject":"past","limits":{"requests":2},"expires_at":"2020-01-01T00:00:00Z"}]}
                """);

        for (var subject : List.of("vip", "past", "other")) {
            assertThat(status(key, "x-app-user-id", subject)).isEqualTo(200);
        }
        assertThat(status(key, "x-app-user-id", "vip")).isEqualTo(200);
        assertThat(status(key, "x-app-user-id", "vip")).isEqualTo(429);
        assertThat(status(key, "x-app-user-id", "past")).isEqualTo(429);
        assertThat(status(key, "x-app-user-id", "other")).isEqualTo(429);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "team     | {\"team\":\"in\"}            | ",
                "project  | {\"project\":\"in\"}         | ",
                "user     | {\"user\":\"in\"}            | ",
                "key      | KEY                          | ",
                "end_user | {\"end_user\":\"in\"}        | x-app-user-id",
                "session  | {\"session\":\"in\"}         | x-tollgate-session",
                "tags     | {\"tags\":{\"in\":\"yes\"}}  | x-tollgate-tags",
            })
    void a_budget_is_for_its_scope_alone(String name, String scope, String header) {
        var inside = OFFICE.key(name + "-in", identity("in"));
        var outside = OFFICE.key(name + "-out", identity("out"));
        var headers = header == null ? Map.<String, String>of() : Map.of(header, value(name));
        OFFICE.budget(
                "scope-" + name,
                "{\"scope\":%s,\"period\":\"total\",\"limits\":{\"requests\":1}}"
                        .formatted(scope.replace("KEY", "{\"key\":\"" + inside.id() + "\"}")));

        var statuses =
                List.of(
                        ask(inside, headers, SONNET).statusCode(),
                        ask(inside, headers, SONNET).statusCode(),
                        ask(outside, Map.of(), SONNET).statusCode(),
                        ask(outside, Map.of(), SONNET).statusCode());

        assertThat(statuses).isEqualTo(List.of(200, 429, 200, 200));
        assertThat(
                        GATEWAY.admin(
                                        "DELETE",
                                        Office.ORGANIZATION + "/budgets/scope-" + name,
                                        null)
                                .statusCode())
                .isEqualTo(204);
        assertThat(ask(inside, headers, SONNET).statusCode()).isEqualTo(200);
    }

    private static String value(String name) {
        return name.equals("tags") ? "in=yes,more=too" : "in";
    }

    private static String identity(String name) {
        return "\"user\":\"%1$s\",\"team\":\"%1$s\",\"project\":\"%1$s\"".formatted(name);
    }

    // --- asking ---

    private static int status(Office.Key key) {
        return ask(key, Map.of(), SONNET).statusCode();
    }

    private static int status(Office.Key key, String header, String value) {
        return ask(key, Map.of(header, value), SONNET).statusCode();
    }

    private static HttpResponse<String> ask(
            Office.Key key, Map<String, String> headers, String model) {
        return GATEWAY.post("/v1/messages", body(model, "Hi"), with(key, headers));
    }

    private static Map<String, String> with(Office.Key key, Map<String, String> headers) {
        var all = new HashMap<>(key.headers());
        all.putAll(headers);
        return all;
    }

    private static String body(String model, String words) {
        var message = new JsonObject().put("role", "user").put("content", words);
        return new JsonObject()
                .put("model", model)
                .put("max_tokens", 50)
                .put("messages", new JsonArray().add(message))
                .encode();
    }

    private static JsonObject refusal(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error").getJsonObject("tollgate");
    }

    private static long requests(String budget, String subject) {
        return OFFICE.usage(budget, subject).getJsonObject("posted").getLong("requests");
    }

    private static List<JsonObject> alerts(String budget) {
        return OFFICE.items(Office.ORGANIZATION + "/alerts").stream()
                .filter(alert -> budget.equals(alert.getString("budget")))
                .toList();
    }
}
