package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.caller.KeyFormat;
import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.check.GatewayAdmin;
import dev.tollgate.loadtest.check.GatewayBooks;
import dev.tollgate.loadtest.check.LedgerRow;
import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.loadtest.provider.Ending;
import dev.tollgate.loadtest.provider.UsageReport;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Bad callers, bad operators and bad providers against one running node, which is asked at the end
/// whether anything was lost.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BadInputIT {

    private static final String KEYS = "/admin/v1/organizations/local/keys";
    private static final String BUDGETS = "/admin/v1/organizations/local/budgets/";
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
    private static final int BODY_BYTES = 20_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final long SANE_TOKENS_MAX = 10_000;
    private static final String LAST_CHUNK = "\r\n0\r\n\r\n";

    private final GatewayFixture fixture = GatewayFixture.start();
    private int keys;
    private int answered;

    /// How callers speak.
    enum Speech {
        OPENAI("/v1/chat/completions", "gpt-4o-mini", "gpt-4o", "[DONE]"),
        ANTHROPIC("/v1/messages", "claude-haiku-4-5", "claude-opus-5", "message_stop");

        final String path;
        final String model;
        final String otherModel;
        final String success;

        Speech(String path, String model, String otherModel, String success) {
            this.path = path;
            this.model = model;
            this.otherModel = otherModel;
            this.success = success;
        }

        String body(String model, String members) {
            var max = members.contains("max_tokens") ? "" : ",\"max_tokens\":100";
            return "{\"model\":\"%s\",%s%s%s}"
                    .formatted(model, MESSAGES, max, members.isEmpty() ? "" : "," + members);
        }

        String body(String members) {
            return body(model, members);
        }

        String type(int status) {
            return this == OPENAI
                    ? status < 500 ? "invalid_request_error" : "server_error"
                    : switch (status) {
                        case 400 -> "invalid_request_error";
                        case 401 -> "authentication_error";
                        case 403 -> "permission_error";
                        case 404 -> "not_found_error";
                        case 413 -> "request_too_large";
                        default -> "api_error";
                    };
        }

        /// The shape of the dialect's errors, and the message in it.
        String messageOf(HttpResponse<String> answer) {
            return messageOf(answer.statusCode(), answer.body());
        }

        String messageOf(int status, String body) {
            var json = new JsonObject(body);
            var error = json.getJsonObject("error");
            assertThat(error.getString("type")).isEqualTo(type(status));
            if (this == OPENAI) {
                assertThat(error.fieldNames()).contains("message", "type", "param", "code");
            } else {
                assertThat(json.getString("type")).isEqualTo("error");
                assertThat(json.getString("request_id")).isNotEmpty();
            }
            return error.getString("message");
        }
    }

    @BeforeAll
    void budget() {
        var made =
                fixture.admin(
                        "PUT",
                        BUDGETS + "all",
                        "{\"period\":\"total\",\"limits\":{\"requests\":100000}}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    }

    @BeforeEach
    void goodProvider() {
        fixture.provider().always(replies("Fine."));
    }

    @AfterAll
    void stop() {
        fixture.close();
    }

    // --- bodies ---

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    OPENAI    | "max_tokens":-1 | max_tokens: -1 (expected: an integer from 1 to 10000000)
                    OPENAI    | "max_tokens":0 | max_tokens: 0 (expected: an integer from 1 to 10000000)
                    ANTHROPIC | "max_tokens":-1 | max_tokens: -1 (expected: an integer from 0 to 10000000)
                    OPENAI    | "max_tokens":10000001 | max_tokens: 10000001 (expected: an integer from 1 to 10000000)
                    ANTHROPIC | "max_tokens":99999999999999999999 | max_tokens: 99999999999999999999 (expected: an integer from 0 to 10000000)
                    OPENAI    | "max_tokens":1e3 | max_tokens: 1e3 (expected: an integer from 1 to 10000000)
                    ANTHROPIC | "max_tokens":"5" | max_tokens: a string (expected: an integer from 0 to 10000000)
                    OPENAI    | "max_tokens":[5] | max_tokens: an array (expected: an integer from 1 to 10000000)
                    OPENAI    | "max_completion_tokens":-5 | max_completion_tokens: -5 (expected: an integer from 1 to 10000000)
                    OPENAI    | "max_tokens":5,"max_completion_tokens":5 | max_tokens: given beside max_completion_tokens (expected: one of the two)
                    OPENAI    | "n":0 | n: 0 (expected: an integer from 1 to 128)
                    OPENAI    | "n":129 | n: 129 (expected: an integer from 1 to 128)
                    OPENAI    | "stream":"yes" | stream: a string (expected: true or false)
                    ANTHROPIC | "stream":1 | stream: 1 (expected: true or false)
                    OPENAI    | "stream_options":[] | stream_options: an array (expected: an object)
                    OPENAI    | "tools":{} | tools: an object (expected: an array)
                    ANTHROPIC | "tools":{} | tools: an object (expected: an array)
                    OPENAI    | "model":"gpt-4o" | model: given twice (expected: each key once)
                    ANTHROPIC | "model":"gpt-4o" | model: given twice (expected: each key once)
                    OPENAI    | "metadata":{"a":"1","a":"2"} | a: given twice (expected: each key once)
                    ANTHROPIC | "x":[{"y":{"deep":1,"deep":1}}] | deep: given twice (expected: each key once)
                    OPENAI    | "Max_Tokens":5 | Max_Tokens: a key in another case (expected: max_tokens)
                    ANTHROPIC | "Stream":true | Stream: a key in another case (expected: stream)
                    """)
    void a_field_that_is_wrong_is_named_with_its_value(Speech speech, String members, String says) {
        var refused = fixture.post(speech.path, speech.body(members), Map.of());

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        assertThat(speech.messageOf(refused)).isEqualTo(says);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "nothing",
            textBlock =
                    """
                    nothing | body: empty (expected: one JSON object)
                    [] | body: an array (expected: one JSON object)
                    "text" | body: a string (expected: one JSON object)
                    5 | body: 5 (expected: one JSON object)
                    null | body: null (expected: one JSON object)
                    {"model":"m" | body: malformed JSON at byte
                    {"model":"m",} | body: malformed JSON at byte
                    {model:"m"} | body: malformed JSON at byte
                    {"model":NaN} | body: malformed JSON at byte
                    {"model":"m","messages":[]} {} | body: more than one JSON value (expected: one JSON object)
                    {} | model: absent (expected: the name of a model)
                    {"model":5,"messages":[]} | model: 5 (expected: 1 to 256 printable ASCII characters)
                    {"model":"","messages":[]} | model:  (expected: 1 to 256 printable ASCII characters)
                    {"model":"m"} | messages: absent (expected: an array)
                    {"model":"m","messages":"hi"} | messages: a string (expected: an array)
                    """)
    void a_body_that_is_wrong_is_told_in_both_dialects(@Nullable String body, String says) {
        for (var speech : Speech.values()) {
            var refused = fixture.post(speech.path, body == null ? "" : body, Map.of());

            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
            assertThat(speech.messageOf(refused)).startsWith(says);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_body_nested_without_end_is_refused(Speech speech) {
        var deep = "[".repeat(100_000);

        var refused = fixture.post(speech.path, "{\"model\":\"m\",\"x\":" + deep, Map.of());

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(speech.messageOf(refused)).contains("at most 128 levels of nesting");
    }

    @ParameterizedTest
    @EnumSource
    void a_body_of_20_megabytes_is_refused_before_it_is_sent(Speech speech) throws IOException {
        try (var call =
                RawCall.post(fixture.gateway(), speech.path, "content-length: " + BODY_BYTES)) {
            var answer = call.readUntil("}}".substring(speech == Speech.OPENAI ? 0 : 1));

            assertThat(answer).startsWith("HTTP/1.1 413 ");
            assertThat(answer).contains("body: too large (expected: at most 16777216 bytes)");
            assertThat(answer).contains("\"type\":\"" + speech.type(413) + "\"");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_body_that_grows_past_the_limit_is_refused_while_it_is_sent(Speech speech)
            throws IOException {
        try (var call =
                RawCall.post(fixture.gateway(), speech.path, "transfer-encoding: chunked")) {
            var chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
            for (var sent = 0; sent <= 16 << 20; sent += 0x10000) {
                call.send(chunk);
            }

            assertThat(call.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 413 ");
        }
    }

    // --- models ---

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    OPENAI    | sandbox/nothing | model: sandbox/nothing is not served here (provider sandbox has no such model)
                    OPENAI    | claude-haiku-4-5 | model: claude-haiku-4-5 is not served here (provider anthropic speaks the anthropic dialect, not that of /v1/chat/completions)
                    ANTHROPIC | gpt-4o-mini | model: gpt-4o-mini is not served here (provider openai speaks the openai dialect, not that of /v1/messages)
                    """)
    void a_model_nobody_serves_is_unknown(Speech speech, String model, String says) {
        var refused = fixture.post(speech.path, speech.body(model, ""), Map.of());

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(404);
        assertThat(speech.messageOf(refused)).isEqualTo(says);
    }

    @ParameterizedTest
    @EnumSource
    void a_model_the_key_may_not_use_is_refused(Speech speech) {
        var key = key(",\"models\":[\"%s\"]".formatted(speech.model));

        var refused = fixture.post(speech.path, speech.body(speech.otherModel, ""), bearer(key));
        var served = fixture.post(speech.path, speech.body(""), bearer(key));

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(speech.messageOf(refused))
                .isEqualTo("model: " + speech.otherModel + " (expected: one this key may use)");
        assertServed(served);
    }

    @ParameterizedTest
    @EnumSource
    void a_model_without_a_price_is_refused_only_under_a_cost_budget(Speech speech) {
        var spender = key(",\"budgets\":[{\"period\":\"day\",\"limits\":{\"cost_usd\":\"5\"}}]");
        var body = speech.body("mystery-1", "");

        var refused = fixture.post(speech.path, body, bearer(spender));
        var served = fixture.post(speech.path, body, Map.of());

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(speech.messageOf(refused))
                .startsWith("model: mystery-1 has no price, and budget ")
                .endsWith(" limits cost (expected: a priced model)");
        assertServed(served);
    }

    // --- keys ---

    @ParameterizedTest
    @EnumSource
    void keys_that_are_no_good_are_refused_each_with_its_reason(Speech speech) {
        var key = key("");
        var other = key("");
        var damaged =
                key.substring(0, 30) + (key.charAt(30) == 'x' ? 'y' : 'x') + key.substring(31);
        var unknown = KeyFormat.mint(new SecureRandom()).reveal();

        assertUnauthenticated(speech, bearer(unknown), "no such key");
        assertUnauthenticated(speech, bearer(damaged), "the key is damaged");
        assertUnauthenticated(
                speech,
                Map.of("authorization", "Bearer " + key, "x-api-key", other),
                "two different Tollgate keys in one request (expected: one)");
        assertServed(
                fixture.post(
                        speech.path,
                        speech.body(""),
                        Map.of("authorization", "Bearer " + key, "x-api-key", key)));
        assertServed(
                fixture.post(
                        speech.path,
                        speech.body(""),
                        Map.of("authorization", "Bearer " + key, "x-api-key", "sk-foreign")));
    }

    @ParameterizedTest
    @EnumSource
    void a_revoked_key_and_an_expired_key_are_refused(Speech speech) {
        var made = new JsonObject(keyJson(""));
        var revoked = made.getString("secret");
        var expired = key(",\"expires_in\":\"1s\"");
        assertServed(fixture.post(speech.path, speech.body(""), bearer(revoked)));

        var gone = fixture.admin("DELETE", KEYS + "/" + made.getString("id"), null);

        assertThat(gone.statusCode()).as(gone.body()).isLessThan(300);
        assertUnauthenticated(speech, bearer(revoked), "the key has been revoked");
        await(
                "the key expires",
                () -> fixture.get("/v1/tollgate/me", bearer(expired)).statusCode() == 401);
        assertUnauthenticated(speech, bearer(expired), "the key has expired");
    }

    @ParameterizedTest
    @EnumSource
    void pages_of_other_sites_and_proxies_are_not_the_local_caller(Speech speech) {
        var says = "without a key only programs on this machine may call";
        var key = key("");

        assertUnauthenticated(speech, Map.of("origin", "https://evil.example"), says);
        assertUnauthenticated(speech, Map.of("origin", "null"), says);
        assertUnauthenticated(speech, Map.of("x-forwarded-for", "203.0.113.9"), says);
        assertServed(
                fixture.post(
                        speech.path, speech.body(""), Map.of("origin", "http://localhost:3000")));
        assertServed(
                fixture.post(
                        speech.path,
                        speech.body(""),
                        Map.of("origin", "https://evil.example", "x-tollgate-key", key)));
    }

    // --- the admin API ---

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"period":"day","limits":{"requests":-1}} | limits.requests | -1 | 0
                    {"period":"day","limits":{"requests":1.5}} | limits.requests | 1.5 | whole
                    {"period":"day","limits":{"requests":"5"}} | limits.requests | 5 | whole
                    {"period":"day","limits":{"cost_usd":"-5"}} | limits.cost_usd | -5 | dollars from 0
                    {"period":"day","limits":{"cost_usd":"0.0000000001"}} | limits.cost_usd | 0.0000000001 | at most 9 decimals
                    {"period":"day","limits":{"requests":99999999999999999999}} | limits.requests | 99999999999999999999 | 1000000000000000
                    {"period":"fortnight","limits":{"requests":1}} | period | fortnight | one of minute, hour, day, week, month, total
                    {"limits":{"requests":1}} | period | | one of minute, hour, day, week, month, total
                    {"period":"day","limits":{"requests":1},"limit":1} | limit | 1 | known are scope, models
                    {"period":"day","limits":{"prompts":1}} | limits.prompts | 1 | known are requests, input_tokens
                    {"period":"day"} | limits | | at least one limit
                    {"period":"day","limits":{}} | limits | | at least one limit
                    {"period":"day","limits":{"requests":1},"time_zone":"Mars/Olympus"} | time_zone | Mars/Olympus | time zone
                    {"period":"day","limits":{"requests":1},"per":"planet"} | per | planet | one of team, project
                    {"period":"day","limits":{"requests":1},"actions":[{"at":0,"do":"reject"}]} | actions[0].at | 0 | above 0
                    {"period":"day","limits":{"requests":1},"period":"day"} | period | given twice | given once
                    {"period":"day","limits":{"requests":1,"requests":2}} | limits.requests | given twice | given once
                    {"period":"day" | body | no JSON at line | a JSON object
                    [] | body | [ | a JSON object
                    """)
    void a_budget_that_is_wrong_is_refused_with_field_value_and_expectation(
            String body, String field, @Nullable String value, String expected) {
        var refused = fixture.admin("PUT", BUDGETS + "wrong", body);

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        var problem = new JsonObject(refused.body());
        var fault = problem.getJsonArray("errors").getJsonObject(0);
        assertThat(problem.getString("type")).isEqualTo("urn:tollgate:problem:invalid-request");
        assertThat(fault.getString("field")).isEqualTo(field);
        assertThat(String.valueOf(fault.getValue("value"))).contains(value == null ? "" : value);
        assertThat(fault.getString("expected")).contains(expected);
        assertThat(problem.getString("detail")).contains(field + ": ").contains("(expected: ");
        assertThat(fixture.admin("GET", BUDGETS + "wrong", null).statusCode()).isEqualTo(404);
    }

    @Test
    void a_budgets_immutable_fields_are_refused_by_name() {
        var made =
                fixture.admin(
                        "PUT",
                        BUDGETS + "fixed",
                        "{\"scope\":{\"user\":\"nobody\"},\"period\":\"day\",\"limits\":{\"requests\":5}}");

        var refused =
                fixture.admin(
                        "PUT",
                        BUDGETS + "fixed",
                        "{\"scope\":{\"user\":\"nobody\"},\"period\":\"hour\",\"per\":\"key\",\"limits\":{\"requests\":5}}");

        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(refused.statusCode()).isEqualTo(409);
        var problem = new JsonObject(refused.body());
        assertThat(problem.getString("type")).isEqualTo("urn:tollgate:problem:immutable-field");
        assertThat(problem.getString("detail")).contains("budget fixed").contains("period: hour");
        assertThat(problem.getJsonArray("errors").stream())
                .extracting(fault -> ((JsonObject) fault).getString("field"))
                .containsExactlyInAnyOrder("per", "period");
    }

    @Test
    void a_wrong_admin_token_is_refused() {
        var none = get("/admin/v1/organizations/local/budgets", Map.of());
        var wrong =
                get(
                        "/admin/v1/organizations/local/budgets",
                        Map.of("authorization", "Bearer " + GatewayFixture.ADMIN_TOKEN + "x"));

        assertThat(List.of(none, wrong)).allMatch(answer -> answer.statusCode() == 401);
        assertThat(none.body()).contains("authorization: nothing (expected: Bearer and the admin");
        assertThat(wrong.body())
                .contains("authorization: not the admin token")
                .doesNotContain(GatewayFixture.ADMIN_TOKEN);
    }

    // --- providers ---

    static Stream<Arguments> answersThatAreNone() {
        var json = Map.of("content-type", "application/json");
        return Stream.of(
                        Arguments.of(answers(200, json, "{\"choices\":[{\"mes"), "not JSON"),
                        Arguments.of(answers(200, json, "\u0000\u0001\u0002"), "not JSON"),
                        Arguments.of(
                                answers(
                                        200,
                                        Map.of("content-type", "text/html"),
                                        "<html><body>Welcome</body></html>"),
                                "content type text/html"),
                        Arguments.of(answers(200, json, "<html></html>"), "not JSON"),
                        Arguments.of(answers(200, json, ""), "not a JSON object"),
                        Arguments.of(answers(200, json, "{}"), "no "),
                        Arguments.of(answers(204, Map.of(), ""), "not a JSON object"),
                        Arguments.of(answers(302, Map.of("location", "/"), ""), "status 302"))
                .flatMap(row ->
                        Stream.of(Speech.values())
                                .flatMap(speech ->
                                        Stream.of(false, true)
                                                .map(streamed ->
                                                        Arguments.of(
                                                                speech,
                                                                streamed,
                                                                row.get()[0],
                                                                row.get()[1]))));
    }

    @ParameterizedTest
    @MethodSource("answersThatAreNone")
    void an_answer_that_is_none_is_a_bad_gateway_and_estimated(
            Speech speech, boolean streamed, Behaviour behaviour, String reason) {
        fixture.provider().always(behaviour);

        var refused = fixture.post(speech.path, speech.body("\"stream\":" + streamed), Map.of());

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(502);
        assertThat(speech.messageOf(refused))
                .startsWith("provider ")
                .contains("gave no valid answer (" + reason);
        assertEstimated(refused);
    }

    @ParameterizedTest
    @EnumSource
    void an_error_with_status_200_is_relayed_and_free(Speech speech) {
        var body = "{\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}";
        fixture.provider().always(answers(200, Map.of("content-type", "application/json"), body));

        var relayed = fixture.post(speech.path, speech.body(""), Map.of());

        assertThat(relayed.body()).isEqualTo(body);
        var row = row(relayed);
        assertThat(row.tokens().input() + row.tokens().output()).isZero();
        assertThat(row.costNanoUsd()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "OPENAI, 401", "OPENAI, 403", "OPENAI, 429", "OPENAI, 500", "OPENAI, 529",
        "ANTHROPIC, 401", "ANTHROPIC, 403", "ANTHROPIC, 429", "ANTHROPIC, 500", "ANTHROPIC, 529"
    })
    void a_providers_refusal_keeps_status_body_and_retry_after(Speech speech, int status) {
        var body = "{\"error\":{\"message\":\"no, %d\",\"odd\":[1]}}".formatted(status);
        fixture.provider()
                .always(
                        answers(
                                status,
                                Map.of(
                                        "content-type", "application/json",
                                        "retry-after", "7",
                                        "set-cookie", "session=theirs",
                                        "x-ratelimit-remaining-requests", "3"),
                                body));

        for (var streamed : List.of(false, true)) {
            var relayed =
                    fixture.post(speech.path, speech.body("\"stream\":" + streamed), Map.of());

            assertThat(relayed.statusCode()).isEqualTo(status);
            assertThat(relayed.body()).isEqualTo(body);
            assertThat(relayed.headers().firstValue("retry-after")).contains("7");
            assertThat(relayed.headers().firstValue("set-cookie")).isEmpty();
            assertThat(row(relayed).costNanoUsd()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "OPENAI, MISSING",
        "OPENAI, NULL",
        "OPENAI, NEGATIVE",
        "OPENAI, HUGE",
        "OPENAI, OVERFLOWING",
        "OPENAI, WRONG_TYPE",
        "ANTHROPIC, MISSING",
        "ANTHROPIC, NULL",
        "ANTHROPIC, NEGATIVE",
        "ANTHROPIC, HUGE",
        "ANTHROPIC, OVERFLOWING",
        "ANTHROPIC, WRONG_TYPE"
    })
    void usage_that_cannot_be_is_estimated_and_never_booked(Speech speech, UsageReport usage) {
        fixture.provider().always(generates(20, 40).reports(usage));

        for (var streamed : List.of(false, true)) {
            var served = fixture.post(speech.path, speech.body("\"stream\":" + streamed), Map.of());

            assertServed(served);
            assertEstimated(served);
            assertThat(row(served).tokens().output()).isPositive();
        }
    }

    /// Of a provider that stops inside of an event, whose beginning has been relayed, an Anthropic
    /// client gets no event of ours: it would be a part of the broken one.
    @ParameterizedTest
    @CsvSource({
        "OPENAI, CLOSES, cannot be reached",
        "OPENAI, RESETS, cannot be reached",
        "OPENAI, ENDS_WITHOUT_MARK, cannot be reached",
        "ANTHROPIC, CLOSES, ''",
        "ANTHROPIC, RESETS, ''",
        "ANTHROPIC, ENDS_WITHOUT_MARK, cannot be reached"
    })
    void a_stream_cut_off_ends_with_an_error_event_and_never_cleanly(
            Speech speech, Ending.Kind kind, String says) throws IOException {
        fixture.provider().always(generates(64, 256).ends(new Ending(kind, 3)));

        var answer = stream(speech);

        var events = answer.strip().split("\n\n", -1);
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("chunked");
        assertThat(answer).doesNotContain(LAST_CHUNK).doesNotContain(speech.success);
        if (!says.isEmpty()) {
            assertThat(events[events.length - 1])
                    .contains("\"error\":{")
                    .contains("\"type\":\"" + speech.type(502) + "\"")
                    .contains(says);
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_error_event_of_the_provider_is_relayed_as_it_is(Speech speech) throws IOException {
        fixture.provider().always(generates(64, 256).ends(new Ending(Ending.Kind.ERROR_EVENT, 3)));

        var answer = stream(speech);

        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("\"error\":");
        assertThat(answer).doesNotContain(speech.success).doesNotContain("cannot be reached");
    }

    private String stream(Speech speech) throws IOException {
        var body = speech.body("\"stream\":true");
        var framing = "connection: close\r\ncontent-length: " + body.length();
        try (var call = RawCall.post(fixture.gateway(), speech.path, framing)) {
            return call.send(body).readToClose();
        }
    }

    // --- after all of it ---

    @Order(Integer.MAX_VALUE)
    @Test
    void after_all_of_it_nothing_is_lost_or_held_and_the_node_serves() {
        assertServed(fixture.post(Speech.OPENAI.path, Speech.OPENAI.body(""), Map.of()));
        var admin = new GatewayAdmin(fixture.admin(), GatewayFixture.ADMIN_TOKEN);
        var provider = fixture.provider();
        await("billed", () -> provider.bill().size() == provider.modelCalls().size());
        await("booked", () -> gauge("tollgate_outbox_entries") == 0);
        await("settled", () -> gauge("tollgate_holds_open") == 0);

        var books =
                GatewayBooks.readWhenBooked(
                        admin, List.of("all"), provider.modelCalls().size(), PATIENCE);

        assertThat(books.rows()).hasSameSizeAs(provider.modelCalls());
        var report = Checker.exact().check(provider.bill(), books);
        assertThat(report.agrees()).as(report.toString()).isTrue();
        assertThat(gauge("tollgate_ledger_rejected_total")).isZero();
        assertThat(answered).isPositive();
    }

    // --- help ---

    private void assertServed(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        answered++;
    }

    private void assertUnauthenticated(Speech speech, Map<String, String> headers, String says) {
        var refused = fixture.post(speech.path, speech.body(""), headers);

        assertThat(refused.statusCode()).as(says).isEqualTo(401);
        assertThat(speech.messageOf(refused)).startsWith(says);
        assertThat(refused.headers().firstValue("www-authenticate")).contains("Bearer");
    }

    private void assertEstimated(HttpResponse<String> answer) {
        var row = row(answer);
        assertThat(row.usageSource()).isEqualTo("estimated");
        assertThat(row.tokens().input()).isBetween(1L, SANE_TOKENS_MAX);
        assertThat(row.tokens().output()).isBetween(0L, SANE_TOKENS_MAX);
        assertThat(row.costNanoUsd()).isBetween(1L, SANE_TOKENS_MAX * 10_000);
    }

    /// The only row of a request, once it is booked.
    private LedgerRow row(HttpResponse<String> answer) {
        var id = answer.headers().firstValue("x-request-id").orElseThrow();
        var admin = new GatewayAdmin(fixture.admin(), GatewayFixture.ADMIN_TOKEN);
        var found = new ArrayList<LedgerRow>();
        await(
                "a row of " + id,
                () -> {
                    found.clear();
                    GatewayBooks.ledger(admin).stream()
                            .filter(row -> row.requestId().equals(id))
                            .forEach(found::add);
                    return !found.isEmpty();
                });
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private String key(String members) {
        return new JsonObject(keyJson(members)).getString("secret");
    }

    /// @param members of the key beside its name
    private String keyJson(String members) {
        var json = "{\"name\":\"key-%d\"%s}".formatted(++keys, members);
        var made = fixture.admin("POST", KEYS, json);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return made.body();
    }

    private static Map<String, String> bearer(String key) {
        return Map.of("authorization", "Bearer " + key);
    }

    private HttpResponse<String> get(String path, Map<String, String> headers) {
        return fixture.get(fixture.admin().resolve(path).toString(), headers);
    }

    private long gauge(String name) {
        return Gauge.of(fixture.admin("GET", "/metrics", null).body(), name);
    }

    private static void await(String what, BooleanSupplier condition) {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            LockSupport.parkNanos(POLL.toNanos());
        }
    }
}
