package dev.tollgate.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Limits;
import dev.tollgate.budget.Standing;
import dev.tollgate.caller.Anonymous;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.KeyFormat;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.price.Money;
import dev.tollgate.problem.Problem;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageSource;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DoorIT {

    private final TestDoor door;

    DoorIT() throws Exception {
        door = new TestDoor(TestDoor.QUICK, Anonymous.LOOPBACK);
    }

    @BeforeAll
    void greets() throws Exception {
        try (var wire = door.connect()) {
            wire.send(TestDoor.get("/", ""));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
        }
    }

    @BeforeEach
    void forgets() {
        door.seen.clear();
        door.refusedAtDoor.clear();
        door.readiness.set(TestDoor.READY);
        door.answers(_ -> Future.succeededFuture(TestDoor.whole("{\"ok\":true}")));
    }

    @AfterAll
    void closes() throws Exception {
        door.close();
    }

    @Test
    void makes_a_complete_exchange_of_a_request() throws Exception {
        var headers =
                "Authorization: Bearer "
                        + door.key
                        + "\r\n"
                        + "x-api-key: foreign\r\n"
                        + "Cookie: a=b\r\n"
                        + "X-Forwarded-For: 1.2.3.4\r\n"
                        + "Anthropic-Version: 2023-06-01\r\n"
                        + "anthropic-beta: a,b\r\n"
                        + "anthropic-beta: c\r\n"
                        + "x-stainless-lang: js\r\n"
                        + "User-Agent: x\r\n"
                        + "X-App-User-Id: b\u00c3\u00a9a\r\n"
                        + "x-claude-code-session-id: s1\r\n"
                        + "X-Tollgate-Tags: app=web, env=prod\r\n"
                        + "traceparent:"
                        + " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
        var body =
                "{\"model\":\"claude-x\",\"messages\":[],\"metadata\":{\"user_id\":\"from body\"}}";

        try (var wire = door.connect()) {
            wire.send(TestDoor.post("/v1/messages?beta=true&x=%20", headers, body));
            var answer = wire.readAnswer();
            var exchange = door.nextSeen();

            assertThat(answer)
                    .startsWith("HTTP/1.1 200 OK")
                    .contains("x-request-id: " + exchange.id())
                    .contains("\nrequest-id: " + exchange.id())
                    .endsWith("\r\n\r\n{\"ok\":true}");
            assertThat(exchange.endpoint()).isEqualTo(Endpoint.MESSAGES);
            assertThat(exchange.caller().organization()).isEqualTo("acme");
            assertThat(exchange.headers())
                    .containsExactly(
                            Map.entry("anthropic-version", "2023-06-01"),
                            Map.entry("anthropic-beta", "a,b"),
                            Map.entry("anthropic-beta", "c"));
            assertThat(exchange.query()).isEqualTo("beta=true&x=%20");
            assertThat(exchange.attribution().endUser()).isEqualTo("b\u00e9a");
            assertThat(exchange.attribution().session()).isEqualTo("s1");
            assertThat(exchange.attribution().tags())
                    .isEqualTo(Map.of("app", "web", "env", "prod"));
            assertThat(exchange.traceParent()).endsWith("b7ad6b7169203331-01");
            assertThat(new String(exchange.request().body(), StandardCharsets.UTF_8))
                    .isEqualTo(body);
            assertThat(exchange.deployment().provider().name()).isEqualTo("anthropic");
            assertThat(exchange.left().isComplete()).isFalse();
        }
    }

    @Test
    void takes_local_callers_without_a_key_whatever_their_sdk_sends() throws Exception {
        try (var wire = door.connect()) {
            wire.send(
                    TestDoor.post(
                            "/v1/chat/completions",
                            "Authorization: Bearer sk-x\r\nOpenAI-Beta: x=1\r\n",
                            "{\"model\":\"gpt-x\",\"messages\":[],\"user\":\"from body\"}"));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200").doesNotContain("\nrequest-id");
        }
        var exchange = door.nextSeen();
        assertThat(exchange.caller()).isEqualTo(Caller.anonymous());
        assertThat(exchange.attribution().endUser()).isEqualTo("from body");
        assertThat(exchange.headers()).containsExactly(Map.entry("openai-beta", "x=1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Origin: https://evil.example | localhost",
                "Origin: null | localhost",
                "X-Forwarded-For: 203.0.113.1 | localhost",
                "Accept: text/html | rebound.evil.example",
            })
    void lets_no_web_page_spend_the_developers_money(String header, String host) throws Exception {
        try (var wire = door.connect()) {
            wire.send(
                    TestDoor.chat().replace("Host: localhost", "Host: " + host + "\r\n" + header));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 401").contains("web page");
        }
        assertThat(door.seen).isEmpty();
    }

    @Test
    void refuses_two_keys() throws Exception {
        var other = KeyFormat.mint(new Random(9)).reveal();
        try (var wire = door.connect()) {
            wire.send(
                    TestDoor.post(
                            "/v1/chat/completions",
                            "x-tollgate-key: " + door.key + "\r\napi-key: " + other + "\r\n",
                            "{}"));
            assertThat(wire.readAnswer())
                    .startsWith("HTTP/1.1 401")
                    .contains("www-authenticate: Bearer")
                    .contains("\"code\":\"two_api_keys\"")
                    .doesNotContain(door.key)
                    .doesNotContain(other);
        }
        assertThat(door.refusedAtDoor.poll(5, TimeUnit.SECONDS))
                .isEqualTo(new Problem.Unauthenticated(Problem.Unauthenticated.Reason.TWO_KEYS));
    }

    @Test
    void never_forwards_a_key_in_the_query() throws Exception {
        try (var wire = door.connect()) {
            wire.send(
                    TestDoor.post(
                            "/v1/chat/completions?key=" + door.key,
                            "",
                            "{\"model\":\"gpt-x\",\"messages\":[]}"));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 400").doesNotContain(door.key);
        }
        assertThat(door.seen).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /v1/chat/completions | {\"model\":\"m\" | 400 | malformed JSON",
                "POST | /v1/messages | '' | 400 | body: empty",
                "POST | /v1/messages | {\"model\":\"gpt-x\",\"messages\":[]} | 404 | not that of",
                "POST | /v1/models | '' | 405 | method",
                "GET | /v1/chat/completions | '' | 405 | method",
                "DELETE | / | '' | 405 | method",
                "GET | /v1/nothing | '' | 404 | path",
                "GET | /v1/tollgate/requests/none | '' | 404 | request",
                "GET | /v1/models/none | '' | 404 | model: none",
                "GET | /v1/models/%zz | '' | 400 | percent-encoded",
                "GET | /v1/models/hidden-1 | '' | 404 | hidden-1",
                "GET | /v1/models?limit=0 | '' | 400 | 1 to 1000",
            })
    void says_no_in_the_dialect_with_the_requests_id(
            String method, String path, String body, int status, String text) throws Exception {
        try (var wire = door.connect()) {
            wire.send(
                    method
                            + " "
                            + path
                            + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                            + body.length()
                            + "\r\n\r\n"
                            + body);
            var answer = wire.readAnswer();

            assertThat(answer).startsWith("HTTP/1.1 " + status).contains(text);
            assertThat(header(answer, "x-request-id")).hasSize(36);
            var json = new JsonObject(answer.substring(answer.indexOf("\r\n\r\n") + 4));
            assertThat(json.getString("type", "openai"))
                    .isEqualTo(path.startsWith("/v1/messages") ? "error" : "openai");
            assertThat(json.getJsonObject("error").getString("message")).contains(text);
            assertThat(answer.contains("\nallow: ")).isEqualTo(status == 405);
        }
    }

    @Test
    void answers_a_bug_with_the_id_it_is_logged_under() throws Exception {
        door.answers(_ -> {
            throw new IllegalStateException("a bug, on purpose");
        });

        try (var wire = door.connect()) {
            wire.send(TestDoor.chat());
            var answer = wire.readAnswer();

            assertThat(answer)
                    .startsWith("HTTP/1.1 500")
                    .contains("logged as request " + header(answer, "x-request-id"))
                    .doesNotContain("on purpose");
        }
    }

    @Test
    void renders_what_the_path_refuses() throws Exception {
        door.answers(TestDoor.refusing(new Problem.QuotaUnavailable("no lease")));

        try (var wire = door.connect()) {
            wire.send(TestDoor.messages());
            assertThat(wire.readAnswer())
                    .startsWith("HTTP/1.1 503")
                    .contains("retry-after: 1")
                    .contains("\"type\":\"api_error\"");
        }
        assertThat(door.refusedAtDoor).isEmpty();
    }

    @Test
    void takes_nothing_new_while_draining() throws Exception {
        door.readiness.set(new Readiness(true, true, 7, "single"));

        try (var wire = door.connect()) {
            wire.send(TestDoor.chat());
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 503").contains("retry-after: 1");
            wire.send(TestDoor.get("/health/ready", ""));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 503").contains("\"draining\"");
            wire.send(TestDoor.get("/health/live", ""));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
        }
        assertThat(door.seen).isEmpty();
    }

    @Test
    void tells_whether_it_is_ready() throws Exception {
        try (var wire = door.connect()) {
            wire.send(TestDoor.get("/health/ready", ""));
            assertThat(wire.readAnswer())
                    .startsWith("HTTP/1.1 200")
                    .contains("\"configuration_revision\":7")
                    .contains("\"lease\":\"single\"");
        }
    }

    @Test
    void answers_harmless_heads() throws Exception {
        try (var wire = door.connect()) {
            wire.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
            wire.send(TestDoor.get("/health/live", ""));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void lists_models_in_either_shape() throws Exception {
        try (var wire = door.connect()) {
            wire.send(TestDoor.get("/v1/models", ""));
            assertThat(body(wire.readAnswer()).getJsonArray("data"))
                    .extracting(model -> ((JsonObject) model).getString("id"))
                    .containsExactly("gpt-x", "org/model");
            wire.send(TestDoor.get("/v1/models?limit=1", "anthropic-version: 2023-06-01\r\n"));
            var page = body(wire.readAnswer());
            assertThat(page.getBoolean("has_more")).isTrue();
            assertThat(page.getString("last_id")).isEqualTo("claude-x");
            wire.send(TestDoor.get("/v1/models?after_id=claude-x", "x-api-key: y\r\n"));
            var last = body(wire.readAnswer());
            assertThat(last.getBoolean("has_more")).isFalse();
            assertThat(last.getString("first_id")).isEqualTo("claude-y");
            wire.send(TestDoor.get("/v1/models/org/model", ""));
            assertThat(body(wire.readAnswer()).getString("id")).isEqualTo("org/model");
            wire.send(TestDoor.get("/v1/models/org%2Fmodel", ""));
            assertThat(body(wire.readAnswer()).getString("id")).isEqualTo("org/model");
        }
    }

    @Test
    void tells_callers_their_budgets() throws Exception {
        var limits = new Limits(50, Limits.NONE_SET, 2_000, Limits.NONE_SET, 5_000_000_000L);
        door.standings.set(
                List.of(
                        new Standing(
                                new CounterKey(new UUID(0, 1), "u1", 0),
                                "daily",
                                limits,
                                new Amounts(10, 5, 1_500, 1_250_000_000L),
                                new Amounts(1, 5, 400, 0),
                                1_800_000_000L)));

        try (var wire = door.connect()) {
            wire.send(TestDoor.get("/v1/tollgate/me", "x-tollgate-key: " + door.key + "\r\n"));
            var me = body(wire.readAnswer());

            assertThat(me.getString("organization")).isEqualTo("acme");
            assertThat(me.getJsonArray("models")).containsExactly("gpt-x", "org/model");
            var budget = me.getJsonArray("budgets").getJsonObject(0);
            assertThat(budget.getString("resets_at"))
                    .isEqualTo(Instant.ofEpochSecond(1_800_000_000L).toString());
            assertThat(budget.getJsonObject("output_tokens"))
                    .isEqualTo(
                            new JsonObject(
                                    "{\"posted\":1500,\"held\":400,\"limit\":2000,"
                                            + "\"remaining\":100}"));
            assertThat(budget.getJsonObject("cost_usd").getString("remaining")).isEqualTo("3.75");
            assertThat(budget.getJsonObject("input_tokens").getValue("limit")).isNull();
        }
    }

    @Test
    void tells_callers_the_story_of_their_request() throws Exception {
        var id = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
        var attempt =
                new RequestStory.Attempt(
                        id,
                        1,
                        "attempt",
                        Optional.empty(),
                        "openai",
                        "gpt-x",
                        "",
                        RequestStory.Tokens.of(Usage.of(10, 5)),
                        UsageSource.PROVIDER,
                        Optional.of(new Money(1_500_000)),
                        "complete",
                        120,
                        40);
        var correction =
                new RequestStory.Attempt(
                        UUID.fromString("01890a5d-ac96-7aaa-8cce-b302099a8057"),
                        1,
                        "correction",
                        Optional.of(id),
                        "openai",
                        "gpt-x",
                        "",
                        new RequestStory.Tokens(-4, 1, 0, 0, -2, 0),
                        UsageSource.PROVIDER,
                        Optional.of(new Money(-500_000)),
                        "ok",
                        120,
                        40);
        door.story.set(
                Optional.of(
                        new RequestStory(
                                id,
                                Instant.EPOCH,
                                "/v1/embeddings",
                                "",
                                List.of(attempt, correction))));

        try (var wire = door.connect()) {
            wire.send(TestDoor.get("/v1/tollgate/requests/" + id, ""));
            var story = body(wire.readAnswer());

            assertThat(story.getString("cost_usd")).isEqualTo("0.001");
            assertThat(story.getLong("input_tokens")).isEqualTo(7);
            assertThat(story.getLong("output_tokens")).isEqualTo(3);
            var corrected = story.getJsonArray("attempts").getJsonObject(1);
            assertThat(corrected.getString("corrects")).isEqualTo(id.toString());
            assertThat(corrected.getLong("input_tokens")).isEqualTo(-3);
            assertThat(story.getJsonArray("attempts").getJsonObject(0).getLong("output_tokens"))
                    .isEqualTo(5);
        }
    }

    private static JsonObject body(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 200");
        return new JsonObject(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }

    private static String header(String answer, String name) {
        var from = answer.indexOf("\r\n" + name + ": ") + name.length() + 4;
        return answer.substring(from, answer.indexOf("\r\n", from));
    }
}
