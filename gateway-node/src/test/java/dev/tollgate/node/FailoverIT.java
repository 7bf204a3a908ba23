package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.closesMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.stalls;
import static dev.tollgate.loadtest.provider.Behaviour.streamsRaw;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.loadtest.provider.Dialect;
import dev.tollgate.loadtest.provider.RetryAfter;
import dev.tollgate.loadtest.provider.SimulatedProvider;
import dev.tollgate.loadtest.provider.TokenClasses;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A node whose first provider of each dialect fails, with a second that lists the same models.
class FailoverIT {

    private static final SimulatedProvider FIRST = SimulatedProvider.start();
    private static final GatewayFixture GATEWAY =
            GatewayFixture.start(
                    Map.of("FIRST_KEY", "sk-first"),
                    Map.of(
                            "timeouts",
                            Map.of("first_byte", "1s"),
                            "providers",
                            List.of(
                                    provider("z-openai", "openai", FIRST.openAiBaseUrl()),
                                    provider(
                                            "z-anthropic",
                                            "anthropic",
                                            FIRST.anthropicBaseUrl() + "/v1"))));
    private static final SimulatedProvider SECOND = GATEWAY.provider();
    private static final Office OFFICE = new Office(GATEWAY);

    private static int keys;

    /// The ways a request can come.
    enum Kind {
        OPENAI_WHOLE(Dialect.OPENAI, false),
        OPENAI_STREAMED(Dialect.OPENAI, true),
        ANTHROPIC_WHOLE(Dialect.ANTHROPIC, false),
        ANTHROPIC_STREAMED(Dialect.ANTHROPIC, true);

        final Dialect dialect;
        final boolean stream;

        Kind(Dialect dialect, boolean stream) {
            this.dialect = dialect;
            this.stream = stream;
        }

        String label() {
            return dialect == Dialect.OPENAI ? "openai" : "anthropic";
        }

        String path() {
            return dialect == Dialect.OPENAI ? "/v1/chat/completions" : "/v1/messages";
        }

        String body() {
            return new JsonObject()
                    .put("model", dialect == Dialect.OPENAI ? "gpt-5" : "claude-sonnet-4-5")
                    .put("max_tokens", 100)
                    .put("stream", stream)
                    .put(
                            "messages",
                            new JsonArray()
                                    .add(new JsonObject().put("role", "user").put("content", "Hi")))
                    .encode();
        }
    }

    @AfterAll
    static void stop() {
        GATEWAY.close();
        FIRST.close();
    }

    @BeforeEach
    void script() {
        FIRST.forget();
        SECOND.forget();
        SECOND.always(generates(1, 20).bills(TokenClasses.of(10, 7)));
    }

    @ParameterizedTest
    @EnumSource
    void another_provider_answers_and_the_request_counts_once(Kind kind) {
        FIRST.always(answers(429, RetryAfter.seconds(30)));
        var key = key("once");
        OFFICE.budget(
                "once-" + kind,
                """
                {"scope":{"user":"%s"},"period":"total","limits":{"requests":1,"output_tokens":100},
                 "concurrent_requests":1}
                """
                        .formatted(key.user));

        var answer = ask(kind, key);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-tollgate-provider")).contains(kind.label());
        assertThat(FIRST.modelCalls()).hasSize(1);
        assertThat(SECOND.modelCalls()).hasSize(1);
        var rows = rows(answer, 2);
        assertThat(rows).extracting(row -> row.getInteger("attempt")).containsExactly(1, 2);
        assertThat(rows)
                .extracting(row -> row.getString("provider"))
                .containsExactly("z-" + kind.label(), kind.label());
        assertThat(rows)
                .extracting(row -> row.getString("status"))
                .containsExactly("upstream_error", "ok");
        assertThat(rows).extracting(row -> row.getInteger("http_status")).containsExactly(429, 200);
        var used = OFFICE.usage("once-" + kind, "");
        assertThat(used.getJsonObject("posted").getLong("requests")).isEqualTo(1);
        assertThat(used.getJsonObject("posted").getLong("output_tokens")).isEqualTo(7);
        assertThat(used.getJsonObject("held").getLong("requests")).isZero();
        var story = new JsonObject(story(answer, key).body());
        assertThat(story.getJsonArray("attempts")).hasSize(2);
        assertThat(ask(kind, key).statusCode()).isEqualTo(429);
        assertThat(SECOND.modelCalls()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void a_provider_that_stays_silent_is_left_and_billed_by_estimate(Kind kind) {
        FIRST.always(stalls());
        var key = key("silent");

        var answer = ask(kind, key);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        var rows = rows(answer, 2);
        assertThat(rows.getFirst().getString("status")).isEqualTo("upstream_failed");
        assertThat(rows.getFirst().getString("usage_source")).isEqualTo("estimated");
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAMED", "ANTHROPIC_STREAMED"})
    void a_stream_that_begins_with_an_error_is_asked_for_elsewhere(Kind kind) {
        FIRST.always(errorFirst(kind));
        var key = key("error");

        var answer = ask(kind, key);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-tollgate-provider")).contains(kind.label());
        assertThat(answer.body()).doesNotContain("overloaded");
        assertThat(rows(answer, 2).getLast().getString("status")).isEqualTo("ok");
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAMED", "ANTHROPIC_STREAMED"})
    void the_last_error_of_a_stream_reaches_the_caller(Kind kind) {
        FIRST.always(answers(500));
        SECOND.always(errorFirst(kind));

        assertThat(ask(kind, key("last-error")).body()).contains("overloaded");
    }

    @ParameterizedTest
    @EnumSource
    void an_answer_of_the_first_is_passed_on_whole(Kind kind) {
        FIRST.always(generates(5, 50));
        var answer = ask(kind, key("whole"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-tollgate-provider"))
                .contains("z-" + kind.label());
        if (kind.stream) {
            assertThat(answer.body())
                    .contains(kind.dialect == Dialect.OPENAI ? "[DONE]" : "message_stop");
        }
        assertThat(SECOND.modelCalls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAMED", "ANTHROPIC_STREAMED"})
    void nothing_is_tried_elsewhere_once_something_was_relayed(Kind kind) {
        FIRST.always(closesMidStream(3));

        try {
            ask(kind, key("mid"));
        } catch (UncheckedIOException cut) {
            assertThat(cut).isNotNull();
        }

        assertThat(SECOND.modelCalls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void the_last_answer_passes_through_when_all_fail(Kind kind) {
        FIRST.always(answers(503));
        SECOND.always(answers(429, RetryAfter.seconds(17)));

        var answer = ask(kind, key("all"));

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("retry-after")).contains("17");
        assertThat(rows(answer, 2))
                .extracting(row -> row.getInteger("http_status"))
                .containsExactly(503, 429);
    }

    @ParameterizedTest
    @EnumSource
    void a_budget_of_the_second_is_kept(Kind kind) {
        FIRST.always(answers(503));
        var key = key("second");
        OFFICE.budget(
                "second-" + kind,
                """
                {"scope":{"user":"%s","provider":"%s"},"period":"total","limits":{"requests":1}}
                """
                        .formatted(key.user, kind.label()));

        assertThat(ask(kind, key).statusCode()).isEqualTo(200);
        var refused = ask(kind, key);

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("x-tollgate-provider"))
                .contains("z-" + kind.label());
        assertThat(SECOND.modelCalls()).hasSize(1);
        assertThat(OFFICE.posted("second-" + kind, "requests")).isEqualTo(1);
        assertThat(rows(refused, 1).getFirst().getInteger("requests")).isEqualTo(1);
    }

    @Test
    void each_provider_sees_its_own_credential_and_body() {
        FIRST.always(answers(500));

        ask(Kind.OPENAI_WHOLE, key("credentials"));
        ask(Kind.ANTHROPIC_STREAMED, key("credentials"));

        assertThat(FIRST.modelCalls())
                .extracting(seen -> seen.headers().toString())
                .allMatch(headers -> headers.contains("sk-first"))
                .noneMatch(headers -> headers.contains("sk-upstream"));
        assertThat(SECOND.modelCalls())
                .extracting(seen -> seen.headers().toString())
                .allMatch(headers -> headers.contains("sk-upstream"))
                .noneMatch(headers -> headers.contains("sk-first"));
    }

    @Test
    void a_provider_named_with_the_model_has_no_other_behind_it() {
        FIRST.always(answers(503));
        var body = Kind.OPENAI_WHOLE.body().replace("gpt-5", "z-openai/gpt-5");

        var answer = GATEWAY.post(Kind.OPENAI_WHOLE.path(), body, key("named").headers());

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(SECOND.modelCalls()).isEmpty();
    }

    @Test
    void a_hard_budget_is_kept_by_many_at_once() throws Exception {
        FIRST.always(answers(429));
        SECOND.always(replies("Hello").bills(TokenClasses.of(10, 100)));
        var key = key("many");
        OFFICE.budget(
                "many",
                """
                {"scope":{"user":"%s"},"period":"total","limits":{"requests":40,"output_tokens":2000}}
                """
                        .formatted(key.user));

        var statuses = new ArrayList<Integer>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Future<HttpResponse<String>>>();
            for (var call = 0; call < 80; call++) {
                calls.add(threads.submit(() -> ask(Kind.OPENAI_WHOLE, key)));
            }
            for (var call : calls) {
                statuses.add(call.get().statusCode());
            }
        }

        var ok = (int) statuses.stream().filter(status -> status == 200).count();
        assertThat(SECOND.modelCalls()).hasSize(ok);
        var used = OFFICE.usage("many", "");
        assertThat(used.getJsonObject("posted").getLong("output_tokens")).isEqualTo(100L * ok);
        assertThat(ok).isLessThanOrEqualTo(20);
        assertThat(used.getJsonObject("held").getLong("output_tokens")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void a_provider_that_nobody_answers_for_is_left_and_takes_nothing(Kind kind) {
        try (var gateway =
                GatewayFixture.start(
                        Map.of("FIRST_KEY", "sk-first"),
                        Map.of(
                                "providers",
                                List.of(
                                        provider(
                                                "z-" + kind.label(),
                                                kind.label(),
                                                closedPort()))))) {
            var office = new Office(gateway);
            office.budget("all", "{\"period\":\"total\",\"limits\":{\"requests\":1}}");

            var answer = gateway.post(kind.path(), kind.body(), Map.of());

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(office.posted("all", "requests")).isEqualTo(1);
            var id = answer.headers().firstValue("x-request-id").orElseThrow();
            var rows =
                    Office.await(
                            "rows",
                            () -> Optional.of(office.rows(id)).filter(all -> all.size() == 2));
            assertThat(rows)
                    .extracting(row -> row.getInteger("requests"))
                    .containsExactlyInAnyOrder(0, 1);
            assertThat(rows)
                    .extracting(row -> row.getString("status"))
                    .containsExactlyInAnyOrder("upstream_failed", "ok");
        }
    }

    @Test
    void a_client_who_leaves_during_the_second_attempt_is_settled() {
        FIRST.always(answers(503));
        SECOND.always(stalls());
        var key = key("leaves");
        OFFICE.budget(
                "leaves",
                "{\"scope\":{\"user\":\"%s\"},\"period\":\"total\",\"limits\":{\"requests\":5}}"
                        .formatted(key.user));

        var call =
                GATEWAY.postAsync(
                        Kind.OPENAI_WHOLE.path(), Kind.OPENAI_WHOLE.body(), key.headers());
        Office.await(
                "the second call",
                () -> Optional.of(SECOND.modelCalls()).filter(calls -> calls.size() == 1));
        call.cancel(true);

        var used =
                Office.await(
                        "the settlement",
                        () ->
                                Optional.of(OFFICE.usage("leaves", ""))
                                        .filter(usage ->
                                                usage.getJsonObject("held").getLong("requests")
                                                        == 0));
        assertThat(used.getJsonObject("posted").getLong("requests")).isEqualTo(1);
    }

    @Test
    void fail_overs_are_counted() {
        FIRST.always(answers(503));
        ask(Kind.OPENAI_WHOLE, key("counted"));

        var metrics = GATEWAY.admin("GET", "/metrics", null).body();

        assertThat(metrics).contains("tollgate_failovers_total{").contains("provider=\"z-openai\"");
    }

    // --- helpers ---

    private record User(String user, Map<String, String> headers) {}

    private static User key(String name) {
        var user = name + ++keys;
        return new User(user, OFFICE.key(user, "\"user\":\"%s\"".formatted(user)).headers());
    }

    private static HttpResponse<String> ask(Kind kind, User user) {
        return GATEWAY.post(kind.path(), kind.body(), user.headers());
    }

    private static HttpResponse<String> story(HttpResponse<?> answer, User user) {
        var id = answer.headers().firstValue("x-request-id").orElseThrow();
        return GATEWAY.get("/v1/tollgate/requests/" + id, user.headers());
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

    private static Behaviour errorFirst(Kind kind) {
        var event =
                kind.dialect == Dialect.OPENAI
                        ? "data:"
                              + " {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n"
                        : """
                        event: error
                        data: {"type":"error","error":{"type":"overloaded_error","message":"overloaded"}}

                        """;
        return streamsRaw(
                200,
                Map.of("content-type", "text/event-stream"),
                List.of(event.getBytes(StandardCharsets.UTF_8)),
                Duration.ZERO);
    }

    private static Map<String, Object> provider(String name, String type, String baseUrl) {
        return Map.of(
                "name", name, "type", type, "base_url", baseUrl, "credential", "env:FIRST_KEY");
    }

    private static String closedPort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + socket.getLocalPort() + "/v1";
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
