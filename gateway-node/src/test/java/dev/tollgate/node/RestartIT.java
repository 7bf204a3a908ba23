package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.caller.KeyFormat;
import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.check.GatewayBooks;
import dev.tollgate.loadtest.check.LedgerRow;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A node that is stopped in order and started again on the same data.
class RestartIT {

    private static final int CALLS = 40;
    private static final int CALLERS = 8;
    private static final long LIMIT = 1_000_000;
    private static final String SECRET = KeyFormat.mint(new SecureRandom()).reveal();
    private static final Map<String, String> FILE_KEY = Map.of("x-tollgate-key", SECRET);

    private static final GatewayFixture GATEWAY =
            GatewayFixture.start(Map.of("TEST_KEY", SECRET), file(LIMIT));
    private static final Office OFFICE = new Office(GATEWAY);

    @BeforeAll
    static void script() {
        GATEWAY.provider().always(generates(1, 100));
    }

    @AfterAll
    static void stop() {
        GATEWAY.close();
    }

    @Test
    void counters_go_on_and_nothing_is_lost_or_repeated() throws Exception {
        var key = OFFICE.key("api", "\"user\":\"api\"");
        OFFICE.budget(
                "api",
                """
                {"scope":{"user":"api"},"period":"total","limits":{"output_tokens":1000000}}
                """);
        traffic(FILE_KEY);
        traffic(key.headers());
        var bill = GATEWAY.provider().bill();
        var before = OFFICE.books(bill.size(), "file", "api");
        var calls = GATEWAY.provider().modelCalls().size();

        GATEWAY.restart();

        var after = OFFICE.books(bill.size(), "file", "api");
        assertThat(ids(after)).isEqualTo(ids(before));
        assertThat(after.counters()).isEqualTo(before.counters()).hasSize(2);
        assertThat(after.rollUps()).isEqualTo(before.rollUps());
        assertThat(GATEWAY.provider().modelCalls()).hasSize(calls);

        traffic(FILE_KEY);
        traffic(key.headers());
        agree();
    }

    @Test
    void a_call_in_flight_is_answered_before_the_stop() throws Exception {
        var opened = Promise.<Void>promise();
        GATEWAY.provider()
                .when(
                        seen -> seen.body().toString().contains("slowly"),
                        generates(10, 10).pausesAfter(5, opened.future()));

        HttpResponse<String> answer;
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var call = callers.submit(() -> chat("slowly", FILE_KEY));
            Office.await(
                    "the call",
                    () ->
                            GATEWAY.provider().modelCalls().stream()
                                    .filter(seen -> seen.body().toString().contains("slowly"))
                                    .filter(seen -> seen.chunksSent() == 5)
                                    .findFirst());
            var restart = callers.submit((Runnable) GATEWAY::restart);
            opened.complete();
            answer = call.get();
            restart.get();
        }

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).endsWith("data: [DONE]\n\n");
        assertThat(OFFICE.row(answer).getLong("output_tokens")).isEqualTo(10);
        agree();
    }

    @Test
    void a_limit_changed_in_the_file_keeps_its_counter() throws Exception {
        traffic(FILE_KEY);
        var posted = OFFICE.posted("file", "output_tokens");

        GATEWAY.restart(file(posted));

        assertThat(OFFICE.posted("file", "output_tokens")).isEqualTo(posted);
        var refused = chat("one more", FILE_KEY);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("budget file");

        GATEWAY.restart(file(LIMIT));

        assertThat(chat("one more", FILE_KEY).statusCode()).isEqualTo(200);
        agree();
    }

    @Test
    void a_key_taken_out_of_the_file_is_refused_and_one_put_back_works() {
        GATEWAY.restart(Map.of("budgets", budgets(LIMIT)));
        var without = chat("hello", FILE_KEY);

        GATEWAY.restart(file(LIMIT));
        var again = chat("hello", FILE_KEY);

        assertThat(without.statusCode()).isEqualTo(401);
        assertThat(again.statusCode()).isEqualTo(200);
    }

    private static void agree() {
        var bill = GATEWAY.provider().bill();
        var report = Checker.exact().check(bill, OFFICE.books(bill.size(), "file"));
        assertThat(report.differences()).as(report.toString()).isEmpty();
        assertThat(report.rows()).isEqualTo(bill.size());
    }

    private static List<String> ids(GatewayBooks books) {
        return books.rows().stream().map(LedgerRow::id).toList();
    }

    private static void traffic(Map<String, String> headers)
            throws InterruptedException, ExecutionException {
        try (var callers = Executors.newFixedThreadPool(CALLERS)) {
            var calls = new ArrayList<Future<HttpResponse<String>>>();
            for (int call = 0; call < CALLS; call++) {
                calls.add(callers.submit(() -> chat("something", headers)));
            }
            for (var call : calls) {
                assertThat(call.get().statusCode()).isEqualTo(200);
            }
        }
    }

    private static HttpResponse<String> chat(String words, Map<String, String> headers) {
        var message = new JsonObject().put("role", "user").put("content", "Say " + words);
        var body =
                new JsonObject()
                        .put("model", "gpt-4o-mini")
                        .put("stream", true)
                        .put("max_tokens", 200)
                        .put("messages", new JsonArray().add(message));
        return GATEWAY.post("/v1/chat/completions", body.encode(), headers);
    }

    /// A settings file with one key and one budget for it.
    private static Map<String, @Nullable Object> file(long outputTokens) {
        return Map.of(
                "keys",
                List.of(Map.of("name", "file", "secret_env", "TEST_KEY", "user", "file")),
                "budgets",
                budgets(outputTokens));
    }

    private static List<Map<String, Object>> budgets(long outputTokens) {
        return List.of(
                Map.of(
                        "name",
                        "file",
                        "scope",
                        Map.of("user", "file"),
                        "period",
                        "total",
                        "limits",
                        Map.of("output_tokens", outputTokens)));
    }
}
