package dev.tollgate.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.node.GatewayFixture;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.LoggerFactory;

/// Secrets that exist nowhere else are sent through a node, on good ways and on bad ones; then
/// everything it wrote anywhere is searched for them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LogsAndTelemetryIT {

    private static final String PROMPT = "canary-prompt-7f3a91";
    private static final String SYSTEM = "canary-system-52be0c";
    private static final String TOOL = "canary-tool-e8810d";
    private static final String ANSWER = "canary-answer-19cc4b";
    private static final String UPSTREAM_ERROR = "canary-upstream-error-a0b3f2";
    private static final String GARBAGE = "canary-garbage-c4417e";
    private static final String BROKEN_BODY = "canary-broken-body-63d5aa";
    private static final String FOREIGN_KEY = "sk-canary-foreign-0d9e77";
    private static final String OPENAI_KEY = "sk-canary-openai-b82f10";
    private static final String ANTHROPIC_KEY = "sk-canary-anthropic-f67a35";
    private static final String COLLECTOR_KEY = "canary-collector-3e90d1";
    private static final String USER = "marked-user-and-no-secret";

    private static final String LEDGER = "/admin/v1/organizations/local/ledger";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(20);

    private final Logged logged = new Logged();
    private final OtlpReceiver collector = OtlpReceiver.start();
    private GatewayFixture fixture;
    private String key;

    /// Everything a logger was told, at any level the program itself would show and finer.
    private static final class Logged extends AppenderBase<ILoggingEvent> {
        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            var thrown = event.getThrowableProxy();
            lines.add(
                    event.getLoggerName()
                            + " "
                            + event.getFormattedMessage()
                            + " "
                            + event.getKeyValuePairs()
                            + event.getMDCPropertyMap()
                            + (thrown == null ? "" : ThrowableProxyUtil.asString(thrown)));
        }
    }

    @BeforeAll
    void start() {
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        logged.setContext(root.getLoggerContext());
        logged.start();
        root.setLevel(Level.INFO);
        root.addAppender(logged);
        ((Logger) LoggerFactory.getLogger("dev.tollgate")).setLevel(Level.TRACE);
        fixture =
                GatewayFixture.start(
                        Map.of(
                                "OPENAI_API_KEY",
                                OPENAI_KEY,
                                "ANTHROPIC_API_KEY",
                                ANTHROPIC_KEY,
                                "OTEL_EXPORTER_OTLP_ENDPOINT",
                                collector.endpoint(),
                                "OTEL_EXPORTER_OTLP_HEADERS",
                                "authorization=Bearer " + COLLECTOR_KEY));
        var made =
                fixture.admin(
                        "POST", "/admin/v1/organizations/local/keys", "{\"name\":\"canary\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        key = new JsonObject(made.body()).getString("secret");
    }

    @AfterAll
    void stop() {
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAppender(logged);
        root.setLevel(Level.WARN);
        ((Logger) LoggerFactory.getLogger("dev.tollgate")).setLevel(null);
        fixture.close();
        collector.close();
    }

    @Test
    void no_prompt_answer_or_key_is_in_anything_it_writes() throws IOException {
        good();
        refused();
        broken();
        await("booked", () -> ledger().split("\"request_id\"").length - 1 >= bookedAtLeast());
        // The exporter sends in batches; the node sends the last of them when it closes.
        var written = new LinkedHashMap<String, String>();
        written.put("ledger", ledger());
        written.put("usage", usage());
        written.put("metrics", fixture.admin("GET", "/metrics", null).body());
        written.put("files", files(fixture.node().data()));
        fixture.node().close();
        written.put("spans", String.valueOf(collector.exports()));
        written.put("log", String.join("\n", logged.lines));

        // What has to be there, so that the search is known to search.
        assertThat(written.get("ledger")).contains(USER, "gpt-4o-mini", "claude-haiku-4-5");
        assertThat(written.get("files")).contains(USER);
        assertThat(written.get("metrics")).contains("gpt-4o-mini", "claude-haiku-4-5");
        assertThat(written.get("spans")).contains("gpt-4o-mini", "claude-haiku-4-5");
        assertThat(written.get("log")).contains("tollgate.request");
        assertThat(collector.authorizations()).contains("Bearer " + COLLECTOR_KEY);

        for (var canary : canaries()) {
            written.forEach((place, text) ->
                    assertThat(text.contains(canary)).as(canary + " in " + place).isFalse());
        }
    }

    private List<String> canaries() {
        return List.of(
                PROMPT,
                SYSTEM,
                TOOL,
                ANSWER,
                UPSTREAM_ERROR,
                GARBAGE,
                BROKEN_BODY,
                FOREIGN_KEY,
                OPENAI_KEY,
                ANTHROPIC_KEY,
                COLLECTOR_KEY,
                GatewayFixture.ADMIN_TOKEN,
                key,
                // The secret alone, without the id that is public.
                key.substring(key.indexOf('_') + 1));
    }

    // --- what is sent ---

    private void good() {
        fixture.provider().always(Behaviour.streams(List.of("Well, ", ANSWER), Duration.ZERO));
        for (var streamed : List.of(false, true)) {
            for (var headers : List.of(Map.of("authorization", "Bearer " + key), anonymous())) {
                assertThat(openAi(streamed, headers).body()).contains("canary-answer");
                assertThat(anthropic(streamed, headers).body()).contains("canary-answer");
            }
        }
        var embedded =
                fixture.post(
                        "/v1/embeddings",
                        "{\"model\":\"text-embedding-3-small\",\"input\":\"" + PROMPT + "\"}",
                        anonymous());
        assertThat(embedded.statusCode()).as(embedded.body()).isEqualTo(200);
        // The caller's own credential is nobody's but the caller's.
        assertThat(fixture.provider().seen())
                .isNotEmpty()
                .allSatisfy(seen ->
                        assertThat(String.valueOf(seen.headers()))
                                .doesNotContain(FOREIGN_KEY)
                                .doesNotContain(key));
    }

    private void refused() {
        assertThat(
                        openAi(
                                        false,
                                        Map.of(
                                                "authorization",
                                                "Bearer " + key,
                                                "x-api-key",
                                                key + "x"))
                                .statusCode())
                .isEqualTo(401);
        assertThat(openAi(false, Map.of("authorization", "Bearer " + key + "x")).statusCode())
                .isEqualTo(401);
        for (var body :
                List.of(
                        "{\"model\":\"gpt-4o-mini\",\"max_tokens\":\"" + BROKEN_BODY + "\"}",
                        "{\"model\":\"gpt-4o-mini\",\"messages\":[\"" + BROKEN_BODY + "\"",
                        "\"" + BROKEN_BODY + "\"",
                        BROKEN_BODY)) {
            assertThat(fixture.post("/v1/chat/completions", body, anonymous()).statusCode())
                    .isEqualTo(400);
        }
    }

    private void broken() {
        var json = Map.of("content-type", "application/json");
        var error = "{\"error\":{\"message\":\"" + UPSTREAM_ERROR + "\"}}";
        for (var behaviour :
                List.<Behaviour>of(
                        Behaviour.answers(500, json, error),
                        Behaviour.answers(401, json, error),
                        Behaviour.answers(200, json, error),
                        Behaviour.answers(200, json, "{\"" + GARBAGE + "\":"),
                        Behaviour.answers(200, json, GARBAGE),
                        Behaviour.closesMidStream(3),
                        Behaviour.failsMidStream(3))) {
            fixture.provider().always(behaviour);
            for (var streamed : List.of(false, true)) {
                try {
                    openAi(streamed, anonymous());
                    anthropic(streamed, anonymous());
                } catch (UncheckedIOException cutOff) {
                    // A stream its provider broke ends so.
                    assertThat(cutOff).isNotNull();
                }
            }
        }
    }

    private static Map<String, String> anonymous() {
        return Map.of("authorization", "Bearer " + FOREIGN_KEY, "x-app-user-id", USER);
    }

    private HttpResponse<String> openAi(boolean streamed, Map<String, String> headers) {
        return fixture.post(
                "/v1/chat/completions",
                """
                {"model": "gpt-4o-mini", "max_tokens": 50, "stream": %s,
                 "tools": [{"type": "function", "function": {"name": "f", "description": "%s"}}],
                 "messages": [{"role": "system", "content": "%s"}, {"role": "user", "content": "%s"}]}
                """
                        .formatted(streamed, TOOL, SYSTEM, PROMPT),
                headers);
    }

    private HttpResponse<String> anthropic(boolean streamed, Map<String, String> headers) {
        return fixture.post(
                "/v1/messages",
                """
                {"model": "claude-haiku-4-5", "max_tokens": 50, "stream": %s, "system": "%s",
                 "tools": [{"name": "f", "description": "%s", "input_schema": {"type": "object"}}],
                 "messages": [{"role": "user", "content": "%s"}]}
                """
                        .formatted(streamed, SYSTEM, TOOL, PROMPT),
                headers);
    }

    // --- what was written ---

    private long bookedAtLeast() {
        return fixture.provider().modelCalls().size();
    }

    private String ledger() {
        return pages(LEDGER + "?limit=100");
    }

    private String usage() {
        return pages("/admin/v1/organizations/local/usage?group_by=model,end_user");
    }

    private String pages(String path) {
        var pages = new ArrayList<String>();
        var cursor = "";
        do {
            var page = fixture.admin("GET", path + cursor, null);
            assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
            pages.add(page.body());
            var next = new JsonObject(page.body()).getString("next");
            cursor = next == null ? "" : "&cursor=" + next;
        } while (!cursor.isEmpty());
        return String.join("\n", pages);
    }

    /// Journal, database, its write-ahead log and whatever else there is, but for the programs.
    private static String files(Path data) throws IOException {
        var text = new StringBuilder();
        try (var files = Files.walk(data)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                if (!file.startsWith(data.resolve("cache"))) {
                    text.append(Files.readString(file, StandardCharsets.ISO_8859_1)).append('\n');
                }
            }
        }
        return text.toString();
    }

    private static void await(String what, BooleanSupplier condition) {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            LockSupport.parkNanos(POLL.toNanos());
        }
    }
}
