package dev.tollgate.node.telemetry;

import static dev.tollgate.node.telemetry.OtlpReceiver.attributes;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.node.GatewayFixture;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// What a whole node tells of itself, and what it keeps to itself.
class NodeTelemetryIT {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PROMPT = "canary-prompt-4be1";
    private static final String ANSWER = "canary-answer-90df";
    private static final String SECRET = "canary-secret-77a2";
    private static final String PERSON = "canary-person-1c3e";
    private static final String UPSTREAM = "canary-upstream-e5a6";

    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Level level = root.getLevel();
    private OtlpReceiver collector;
    private GatewayFixture gateway;

    @BeforeEach
    void start() {
        lines.start();
        root.addAppender(lines);
        root.setLevel(Level.INFO);
        collector = OtlpReceiver.start();
        gateway =
                GatewayFixture.start(
                        Map.of(
                                "OTEL_EXPORTER_OTLP_ENDPOINT",
                                collector.endpoint(),
                                "OPENAI_API_KEY",
                                UPSTREAM));
        gateway.provider().always(Behaviour.replies(ANSWER));
    }

    @AfterEach
    void stop() {
        root.setLevel(level);
        root.detachAppender(lines);
        collector.close();
    }

    @Test
    void a_request_is_told_in_spans_metrics_and_a_line_without_what_was_said() {
        String key;
        String metrics;
        try (var node = gateway) {
            key = key();
            assertThat(chat(key, false).statusCode()).isEqualTo(200);
            assertThat(chat(key, true).statusCode()).isEqualTo(200);
            assertThat(failing(key).statusCode()).isEqualTo(500);
            assertThat(chat("sk-tg-" + SECRET, false).statusCode()).isEqualTo(401);
            metrics = node.admin("GET", "/metrics", null).body();
        }

        assertSpans();
        assertThat(metrics)
                .contains(
                        "tollgate_requests_total{endpoint=\"/v1/chat/completions\","
                                + "model=\"gpt-4o-mini\",outcome=\"complete\",problem=\"\"} 2.0")
                .contains("tollgate_refused_at_door_total{")
                .contains("tollgate_holds_open ")
                .contains("tollgate_journal_bytes ");
        var log = logged();
        assertThat(log).filteredOn(line -> line.contains("outcome=\"complete\"")).hasSize(2);
        for (var told : List.of(collector.exports().toString(), metrics, String.join("\n", log))) {
            assertThat(told).doesNotContain(PROMPT, ANSWER, SECRET, PERSON, UPSTREAM, key);
        }
    }

    private void assertSpans() {
        var requests = spans(Span.SpanKind.SPAN_KIND_SERVER);
        var attempts = spans(Span.SpanKind.SPAN_KIND_CLIENT);
        assertThat(requests).hasSize(3);
        assertThat(attempts).hasSize(3);
        var request = attributes(requests.getFirst());
        var attempt = attributes(attempts.getFirst());
        var bill = gateway.provider().bill().getFirst();
        assertThat(attempts.getFirst().getParentSpanId())
                .isEqualTo(requests.getFirst().getSpanId());
        assertThat(requests).allMatch(span -> OtlpReceiver.hex(span.getTraceId()).equals(TRACE));
        assertThat(attempt)
                .containsEntry("server.address", "127.0.0.1")
                .containsEntry("server.port", String.valueOf(gateway.provider().port()))
                .containsEntry(
                        "gen_ai.usage.output_tokens", String.valueOf(bill.tokens().output()));
        assertThat(request)
                .containsEntry("tollgate.user", "u1")
                .containsEntry("tollgate.team", "t1")
                .containsEntry(
                        "tollgate.usage.output_tokens", String.valueOf(bill.tokens().output()))
                .containsKeys("tollgate.cost.nano_usd", "tollgate.key.id");
    }

    private List<Span> spans(Span.SpanKind kind) {
        return collector.spans().stream().filter(span -> span.getKind() == kind).toList();
    }

    private String key() {
        var answer =
                gateway.admin(
                        "POST",
                        "/admin/v1/organizations/local/keys",
                        "{\"name\":\"ci\",\"user\":\"u1\",\"team\":\"t1\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return new JsonObject(answer.body()).getString("secret");
    }

    private HttpResponse<String> chat(String key, boolean stream) {
        return gateway.post(
                "/v1/chat/completions",
                "{\"model\":\"gpt-4o-mini\",\"stream\":%s,\"user\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                        .formatted(stream, PERSON, PROMPT),
                Map.of(
                        "authorization", "Bearer " + key,
                        "x-app-user-id", PERSON,
                        "traceparent", "00-" + TRACE + "-b7ad6b7169203331-01"));
    }

    private HttpResponse<String> failing(String key) {
        gateway.provider().then(Behaviour.answers(500));
        return chat(key, false);
    }

    private List<String> logged() {
        var told = new ArrayList<String>();
        for (var event : List.copyOf(lines.list)) {
            var pairs = event.getKeyValuePairs();
            told.add(
                    event.getFormattedMessage()
                            + (pairs == null ? "" : " " + pairs)
                            + (event.getThrowableProxy() == null
                                    ? ""
                                    : " " + event.getThrowableProxy().getMessage()));
        }
        return told;
    }
}
