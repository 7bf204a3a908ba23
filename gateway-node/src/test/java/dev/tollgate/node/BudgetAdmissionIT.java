package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static java.util.stream.Collectors.partitioningBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.Checker;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// A budget of a few requests against many at once.
class BudgetAdmissionIT {

    private static final int CALLS = 1_000;
    private static final int ALLOWED = 50;
    private static final String CHAT =
            "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    private static final String EMBED = "{\"model\":\"text-embedding-3-small\",\"input\":\"Hi\"}";

    private static final GatewayFixture GATEWAY = GatewayFixture.start();
    private static final Office OFFICE = new Office(GATEWAY);

    @AfterAll
    static void stop() {
        GATEWAY.close();
    }

    @Test
    void of_a_thousand_calls_at_once_exactly_as_many_pass_as_the_budget_allows() throws Exception {
        var key = OFFICE.key("crowd", "\"user\":\"crowd\"");
        OFFICE.budget(
                "few",
                "{\"scope\":{\"user\":\"crowd\"},\"period\":\"total\",\"limits\":{\"requests\":%d}}"
                        .formatted(ALLOWED));
        GATEWAY.provider().always(replies("Hello"));
        var before = GATEWAY.provider().modelCalls().size();

        var answers = atOnce(key);

        var passed = answers.stream().collect(partitioningBy(answer -> answer.statusCode() == 200));
        assertThat(passed.get(true)).hasSize(ALLOWED);
        assertThat(passed.get(false)).hasSize(CALLS - ALLOWED).allSatisfy(this::isTypedAndFinal);
        assertThat(GATEWAY.provider().modelCalls()).hasSize(before + ALLOWED);
        assertThat(OFFICE.posted("few", "requests")).isEqualTo(ALLOWED);
        var bill = GATEWAY.provider().bill();
        var books = OFFICE.books(bill.size(), "few");
        assertThat(books.rows()).hasSize(bill.size());
        assertThat(Checker.exact().check(bill, books).differences()).isEmpty();
    }

    @Test
    void those_in_flight_count_before_any_is_answered() throws Exception {
        var opened = Promise.<Void>promise();
        GATEWAY.provider().always(replies("Hello").waitsFor(opened.future()));
        var key =
                OFFICE.key(
                        "one", "\"budgets\":[{\"period\":\"total\",\"limits\":{\"requests\":1}}]");
        var before = GATEWAY.provider().modelCalls().size();

        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = callers.submit(() -> GATEWAY.post("/v1/embeddings", EMBED, key.headers()));
            GATEWAY.provider().arrived(before + 1).await();
            var second = GATEWAY.post("/v1/embeddings", EMBED, key.headers());
            opened.complete();

            assertThat(second.statusCode()).isEqualTo(429);
            assertThat(second.headers().firstValue("x-should-retry")).contains("false");
            assertThat(first.get().statusCode()).isEqualTo(200);
        }
    }

    private void isTypedAndFinal(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("x-should-retry")).contains("false");
        assertThat(answer.headers().firstValue("retry-after")).isEmpty();
        var error = new JsonObject(answer.body()).getJsonObject("error");
        assertThat(error.getString("type")).isEqualTo("insufficient_quota");
        assertThat(error.getString("code")).isEqualTo("insufficient_quota");
        assertThat(error.getString("message")).contains("budget few");
        var numbers = error.getJsonObject("tollgate");
        assertThat(numbers.getString("budget")).isEqualTo("few");
        assertThat(numbers.getString("measure")).isEqualTo("requests");
        assertThat(numbers.getLong("limit")).isEqualTo(ALLOWED);
    }

    private static List<HttpResponse<String>> atOnce(Office.Key key)
            throws InterruptedException, ExecutionException {
        var start = new CountDownLatch(1);
        var answers = new ArrayList<HttpResponse<String>>();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Future<HttpResponse<String>>>();
            for (int call = 0; call < CALLS; call++) {
                calls.add(
                        callers.submit(() -> {
                            start.await();
                            return GATEWAY.post("/v1/chat/completions", CHAT, key.headers());
                        }));
            }
            start.countDown();
            for (var call : calls) {
                answers.add(call.get());
            }
        }
        return answers;
    }
}
