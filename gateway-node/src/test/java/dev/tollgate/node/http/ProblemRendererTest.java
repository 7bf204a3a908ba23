package dev.tollgate.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Dialect;
import dev.tollgate.problem.Problem;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemRendererTest {

    private static final Instant MIDNIGHT = Instant.parse("2026-11-21T00:00:00Z");
    private static final Problem.BudgetExhausted FINAL =
            exhausted("output_tokens", 2_000, 1_500, 400, 256, Duration.ZERO);
    private static final Problem.BudgetExhausted SOON =
            exhausted("requests", 60, 60, 0, 1, Duration.ofMillis(12_300));

    /// Every problem once, in order of precedence: what each dialect calls it.
    static Stream<Arguments> problems() {
        return Stream.of(
                told(new Problem.Draining(), 503, "server_error", "draining", "api_error"),
                told(
                        new Problem.UnknownEndpoint("GET", "/v1/x", false),
                        404,
                        "invalid_request_error",
                        "unknown_url",
                        "not_found_error"),
                told(
                        new Problem.UnknownEndpoint("PUT", "/v1/x", true),
                        405,
                        "invalid_request_error",
                        "method_not_allowed",
                        "invalid_request_error"),
                told(
                        new Problem.Unauthenticated(Problem.Unauthenticated.Reason.UNKNOWN),
                        401,
                        "invalid_request_error",
                        "invalid_api_key",
                        "authentication_error"),
                told(
                        new Problem.BodyTooLarge(5),
                        413,
                        "invalid_request_error",
                        "request_too_large",
                        "request_too_large"),
                told(
                        new Problem.BodyTooSlow(Duration.ofSeconds(5)),
                        408,
                        "invalid_request_error",
                        "request_timeout",
                        "invalid_request_error"),
                told(
                        new Problem.InvalidRequest("n", "0", "1 to 128"),
                        400,
                        "invalid_request_error",
                        "invalid_value",
                        "invalid_request_error"),
                told(
                        new Problem.UnknownModel("m", "why"),
                        404,
                        "invalid_request_error",
                        "model_not_found",
                        "not_found_error"),
                told(
                        new Problem.ModelNotPermitted("m"),
                        403,
                        "invalid_request_error",
                        "model_not_permitted",
                        "permission_error"),
                told(
                        new Problem.Unpriced("m", "b"),
                        403,
                        "invalid_request_error",
                        "model_unpriced",
                        "permission_error"),
                told(FINAL, 429, "insufficient_quota", "insufficient_quota", "rate_limit_error"),
                told(SOON, 429, "requests", "rate_limit_exceeded", "rate_limit_error"),
                told(
                        new Problem.TooManyConcurrent("b", "s", 4, Duration.ZERO),
                        429,
                        "requests",
                        "rate_limit_exceeded",
                        "rate_limit_error"),
                told(
                        limited(Duration.ofSeconds(3)),
                        429,
                        "tokens",
                        "rate_limit_exceeded",
                        "rate_limit_error"),
                told(
                        limited(Duration.ZERO),
                        429,
                        "insufficient_quota",
                        "insufficient_quota",
                        "rate_limit_error"),
                told(
                        new Problem.DowngradeImpossible("b", "m", "n", "why"),
                        429,
                        "insufficient_quota",
                        "insufficient_quota",
                        "rate_limit_error"),
                told(
                        new Problem.QuotaUnavailable("why"),
                        503,
                        "server_error",
                        "quota_unavailable",
                        "api_error"),
                told(
                        new Problem.UpstreamUnreachable("p", "why"),
                        502,
                        "server_error",
                        "upstream_unreachable",
                        "api_error"),
                told(
                        new Problem.UpstreamTimeout("p", "head", Duration.ofMillis(1_500)),
                        504,
                        "server_error",
                        "upstream_timeout",
                        "timeout_error"),
                told(
                        new Problem.UpstreamInvalid("p", "why"),
                        502,
                        "server_error",
                        "upstream_invalid",
                        "api_error"),
                told(
                        new Problem.DeadlineExceeded(Duration.ofSeconds(600)),
                        504,
                        "server_error",
                        "deadline_exceeded",
                        "timeout_error"),
                told(
                        new Problem.NotFound("request", "x"),
                        404,
                        "invalid_request_error",
                        "not_found",
                        "not_found_error"),
                told(
                        new Problem.Internal("id"),
                        500,
                        "server_error",
                        "internal_error",
                        "api_error"));
    }

    private static Arguments told(
            Problem problem, int status, String type, String code, String anthropicType) {
        return Arguments.of(problem, status, type, code, anthropicType);
    }

    @ParameterizedTest
    @MethodSource("problems")
    void says_every_problem_in_both_dialects(
            Problem problem, int status, String type, String code, String anthropicType) {
        var openAi = ProblemRenderer.of(Dialect.OPENAI).body(problem, "id-1");
        var anthropic = ProblemRenderer.of(Dialect.ANTHROPIC).body(problem, "id-1");

        assertThat(ProblemText.status(problem)).isEqualTo(status);
        var error = openAi.getJsonObject("error");
        assertThat(error.fieldNames()).contains("message", "type", "param", "code");
        assertThat(error.getString("type")).isEqualTo(type);
        assertThat(error.getString("code")).isEqualTo(code);
        assertThat(anthropic.getString("type")).isEqualTo("error");
        assertThat(anthropic.getString("request_id")).isEqualTo("id-1");
        assertThat(anthropic.getJsonObject("error").getString("type")).isEqualTo(anthropicType);
        assertThat(anthropic.getJsonObject("error").getString("message"))
                .isEqualTo(error.getString("message"))
                .isNotBlank();
    }

    private static Problem.RateLimited limited(Duration retryAfter) {
        return new Problem.RateLimited(
                "b", "s", "total_tokens", 600, 1_000, 400, "throttle", retryAfter);
    }

    @Test
    void a_rate_says_when_it_will_allow_the_request() {
        var problem = limited(Duration.ofMillis(2_500));

        assertThat(ProblemText.headers(problem)).containsExactly(Map.entry("retry-after", "3"));
        assertThat(ProblemText.message(problem))
                .isEqualTo(
                        "budget b of s allows 600 total_tokens a minute, asked for 400. Please try"
                                + " again in 3s.");
        assertThat(ProblemText.details(problem).getString("action")).isEqualTo("throttle");
    }

    @Test
    void a_request_larger_than_the_burst_is_not_to_be_tried_again() {
        var problem = limited(Duration.ZERO);

        assertThat(ProblemText.headers(problem))
                .containsExactly(Map.entry("x-should-retry", "false"));
        assertThat(ProblemText.message(problem))
                .isEqualTo(
                        "budget b of s never lets this request through: 600 total_tokens a minute,"
                                + " at most 1000 at once, asked for 400");
    }

    @Test
    void has_every_problem_in_the_table() {
        assertThat(
                        problems()
                                .map(told ->
                                        Objects.requireNonNull(told.get()[0]).getClass().getName()))
                .containsAll(
                        Arrays.stream(Problem.class.getPermittedSubclasses())
                                .map(Class::getName)
                                .toList());
    }

    @Test
    void tells_clients_not_to_retry_what_is_final() {
        assertThat(ProblemText.headers(FINAL))
                .containsExactly(Map.entry("x-should-retry", "false"));
    }

    @Test
    void tells_clients_when_to_retry_what_is_not_rounded_up() {
        assertThat(ProblemText.headers(SOON)).containsExactly(Map.entry("retry-after", "13"));
        assertThat(ProblemText.message(SOON)).endsWith("Please try again in 13s.");
        assertThat(ProblemText.headers(new Problem.QuotaUnavailable("x")))
                .containsExactly(Map.entry("retry-after", "1"));
        assertThat(ProblemText.headers(new Problem.TooManyConcurrent("b", "", 1, Duration.ZERO)))
                .containsExactly(Map.entry("retry-after", "1"));
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void gives_the_numbers_of_a_budget_to_people_and_to_programs(Dialect dialect) {
        var error = ProblemRenderer.of(dialect).body(FINAL, "id").getJsonObject("error");

        assertThat(error.getString("message"))
                .isEqualTo(
                        "budget daily of u1 has no room: output_tokens limit 2000, used 1500, held"
                                + " by requests in progress 400, asked for 256; resets at"
                                + " 2026-11-21T00:00:00Z");
        assertThat(error.getJsonObject("tollgate"))
                .isEqualTo(
                        new JsonObject()
                                .put("budget", "daily")
                                .put("subject", "u1")
                                .put("measure", "output_tokens")
                                .put("limit", 2_000L)
                                .put("used", 1_500L)
                                .put("held", 400L)
                                .put("asked", 256L)
                                .put("resets_at", "2026-11-21T00:00:00Z")
                                .put("action", "reject"));
    }

    @Test
    void gives_money_in_dollars_and_says_when_a_budget_never_resets() {
        var problem =
                new Problem.BudgetExhausted(
                        "total",
                        "",
                        "cost_usd",
                        5_000_000_000L,
                        4_999_000_000L,
                        0,
                        2_000_000L,
                        Instant.MAX,
                        "reject",
                        Duration.ZERO);

        assertThat(ProblemText.message(problem))
                .isEqualTo(
                        "budget total has no room: cost_usd limit 5.00, used 4.999, held by"
                                + " requests in progress 0.00, asked for 0.002; never resets");
        assertThat(ProblemText.details(problem).getValue("resets_at")).isNull();
    }

    @Test
    void names_the_field_the_value_and_what_was_expected() {
        var problem = new Problem.InvalidRequest("max_tokens", "-5", "an integer from 1 to 9");

        var error = ProblemRenderer.of(Dialect.OPENAI).body(problem, "id").getJsonObject("error");

        assertThat(error.getString("message"))
                .isEqualTo("max_tokens: -5 (expected: an integer from 1 to 9)");
        assertThat(error.getString("param")).isEqualTo("max_tokens");
    }

    @Test
    void says_each_reason_of_a_bad_key_differently() {
        var messages =
                Arrays.stream(Problem.Unauthenticated.Reason.values())
                        .map(Problem.Unauthenticated::new)
                        .map(ProblemText::message)
                        .toList();

        assertThat(messages).doesNotHaveDuplicates();
    }

    @Test
    void ends_broken_streams_in_the_dialects_own_way() {
        var problem = new Problem.UpstreamUnreachable("p", "reset");
        var openAi = ProblemRenderer.of(Dialect.OPENAI);
        var anthropic = ProblemRenderer.of(Dialect.ANTHROPIC);

        assertThat(openAi.event(problem, "id").toString())
                .isEqualTo("data: " + openAi.body(problem, "id").encode() + "\n\n");
        assertThat(anthropic.event(problem, "id").toString())
                .isEqualTo(
                        "event: error\ndata: " + anthropic.body(problem, "id").encode() + "\n\n");
        assertThat(List.of(openAi.heartbeat().toString(), anthropic.heartbeat().toString()))
                .containsExactly(": keep-alive\n\n", "event: ping\ndata: {\"type\": \"ping\"}\n\n");
    }

    private static Problem.BudgetExhausted exhausted(
            String measure, long limit, long posted, long held, long asked, Duration retryAfter) {
        return new Problem.BudgetExhausted(
                "daily", "u1", measure, limit, posted, held, asked, MIDNIGHT, "reject", retryAfter);
    }
}
