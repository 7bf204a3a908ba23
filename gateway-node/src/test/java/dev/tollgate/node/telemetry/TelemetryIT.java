package dev.tollgate.node.telemetry;

import static dev.tollgate.node.telemetry.OtlpReceiver.attributes;
import static dev.tollgate.node.telemetry.OtlpReceiver.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.usage.Recorder;
import dev.tollgate.usage.UsageFilter;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Spans as a collector receives them.
class TelemetryIT {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER_SPAN = "b7ad6b7169203331";
    private static final String CALLER = "00-" + TRACE + "-" + CALLER_SPAN + "-01";

    private final AtomicLong clock = new AtomicLong(Samples.RECEIVED_NANOS);
    private OtlpReceiver receiver;
    private Telemetry telemetry;

    @BeforeEach
    void start() {
        receiver = OtlpReceiver.start();
        telemetry = telemetry(Map.of());
    }

    @AfterEach
    void stop() {
        telemetry.close();
        receiver.close();
    }

    @Test
    void a_request_arrives_with_its_attempt_inside_the_callers_trace() {
        var sent = new AtomicReference<>("");

        run(
                Samples.exchange(CALLER),
                exchange -> {
                    sent.set(exchange.traceParent());
                    clock.addAndGet(1_000_000);
                    return answered(Samples.answered());
                });

        var request = receiver.span(Span.SpanKind.SPAN_KIND_SERVER);
        var attempt = receiver.span(Span.SpanKind.SPAN_KIND_CLIENT);
        assertThat(receiver.spans()).hasSize(2);
        assertThat(hex(request.getTraceId())).isEqualTo(TRACE);
        assertThat(hex(attempt.getTraceId())).isEqualTo(TRACE);
        assertThat(hex(request.getParentSpanId())).isEqualTo(CALLER_SPAN);
        assertThat(attempt.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(sent.get()).isEqualTo("00-" + TRACE + "-" + hex(attempt.getSpanId()) + "-01");
        assertThat(request.getName()).isEqualTo("POST /v1/chat/completions");
        assertThat(attempt.getName()).isEqualTo("chat gpt-5");
        assertThat(request.getStartTimeUnixNano()).isEqualTo(Samples.RECEIVED_MILLIS * 1_000_000);
        assertThat(request.getEndTimeUnixNano() - request.getStartTimeUnixNano())
                .isEqualTo(1_000_000);
    }

    @Test
    void an_attempt_tells_what_the_provider_said_and_its_input_includes_the_cache() {
        run(Samples.exchange(""), _ -> answered(Samples.answered()));

        assertThat(attributes(receiver.span(Span.SpanKind.SPAN_KIND_CLIENT)))
                .containsEntry("gen_ai.operation.name", "chat")
                .containsEntry("gen_ai.provider.name", "openai")
                .containsEntry("gen_ai.request.model", "gpt-5")
                .containsEntry("gen_ai.request.max_tokens", "64")
                .containsEntry("gen_ai.request.stream", "true")
                .containsEntry("gen_ai.response.model", "gpt-5-2026-01-01")
                .containsEntry("gen_ai.response.time_to_first_chunk", "0.02")
                .containsEntry("gen_ai.usage.input_tokens", "100")
                .containsEntry("gen_ai.usage.output_tokens", "11")
                .containsEntry("gen_ai.usage.cache_read.input_tokens", "60")
                .containsEntry("gen_ai.usage.cache_creation.input_tokens", "10")
                .containsEntry("gen_ai.usage.reasoning.output_tokens", "4")
                .containsEntry("server.address", "api.example.test")
                .containsEntry("server.port", "443")
                .containsEntry("http.response.status_code", "200")
                .containsEntry("tollgate.provider", "openai-main")
                .containsEntry("tollgate.attempt", "1")
                .doesNotContainKey("error.type");
    }

    @Test
    void a_request_tells_whose_it_is_and_what_it_was_settled_for() {
        var exchange = Samples.exchange("");

        run(exchange, _ -> answered(Samples.answered()));

        assertThat(attributes(receiver.span(Span.SpanKind.SPAN_KIND_SERVER)))
                .containsEntry("tollgate.request.id", exchange.id().toString())
                .containsEntry("tollgate.organization", "acme")
                .containsEntry("tollgate.team", "growth")
                .containsEntry("tollgate.project", "p1")
                .containsEntry("tollgate.user", "u1")
                .containsEntry("tollgate.key.id", "k1")
                .containsEntry("gen_ai.conversation.id", "s1")
                .containsEntry("tollgate.usage.input_tokens", "100")
                .containsEntry("tollgate.usage.output_tokens", "11")
                .containsEntry("tollgate.usage.source", "provider")
                .containsEntry("tollgate.cost.nano_usd", "2500")
                .containsEntry("tollgate.attempts", "1")
                .containsEntry("http.response.status_code", "200")
                .doesNotContainKeys("gen_ai.usage.input_tokens", "tollgate.end_user");
    }

    @Test
    void unknown_usage_is_absent_from_the_attempt_and_estimated_on_the_request() {
        run(Samples.exchange(""), _ -> answered(Samples.left()));

        assertThat(attributes(receiver.span(Span.SpanKind.SPAN_KIND_CLIENT)))
                .containsEntry("error.type", "client_left")
                .doesNotContainKey("gen_ai.usage.output_tokens");
        assertThat(attributes(receiver.span(Span.SpanKind.SPAN_KIND_SERVER)))
                .containsEntry("tollgate.usage.source", "estimated")
                .containsEntry("tollgate.usage.output_tokens", "7")
                .containsEntry("tollgate.usage.overrun", "true")
                .doesNotContainKey("tollgate.cost.nano_usd");
    }

    @Test
    void a_clamped_request_says_so() {
        run(
                Samples.exchange(""),
                exchange -> exchange.clampedTo(32),
                _ -> answered(Samples.answered()));

        assertThat(attributes(receiver.span(Span.SpanKind.SPAN_KIND_CLIENT)))
                .containsEntry("gen_ai.request.max_tokens", "32")
                .containsEntry("tollgate.clamped.output_tokens", "32");
        assertThat(attributes(receiver.span(Span.SpanKind.SPAN_KIND_SERVER)))
                .containsEntry("tollgate.clamped.output_tokens", "32");
    }

    @Test
    void a_budget_refusal_names_the_budget_and_is_no_error_of_ours() {
        var refused =
                new Problem.BudgetExhausted(
                        "ci-daily",
                        "u1",
                        "output_tokens",
                        2000,
                        1900,
                        50,
                        64,
                        Instant.EPOCH,
                        "reject",
                        Duration.ZERO);

        run(Samples.exchange(""), _ -> Refusal.of(refused));

        var request = receiver.span(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(attributes(request))
                .containsEntry("error.type", "budget_exhausted")
                .containsEntry("tollgate.budget", "ci-daily")
                .containsEntry("tollgate.budget.measure", "output_tokens");
        assertThat(request.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_UNSET);
    }

    @Test
    void a_bug_is_told_by_its_kind_alone() {
        run(
                Samples.exchange(""),
                _ -> Future.failedFuture(new IllegalStateException(Samples.PROMPT)));

        var request = receiver.span(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(attributes(request))
                .containsEntry("error.type", "java.lang.IllegalStateException");
        assertThat(request.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
        assertThat(receiver.exports().toString()).doesNotContain(Samples.CANARIES);
    }

    @Test
    void prompts_answers_keys_and_people_never_leave() {
        run(Samples.exchange(CALLER), _ -> answered(Samples.answered()));
        run(Samples.exchange(""), _ -> answered(Samples.left()));

        assertThat(receiver.spans()).hasSize(4);
        assertThat(receiver.exports().toString()).doesNotContain(Samples.CANARIES);
    }

    @Test
    void the_end_user_is_named_only_where_that_is_turned_on() {
        try (var naming = telemetry(Map.of("TOLLGATE_TELEMETRY_END_USER", "true"))) {
            run(naming, Samples.exchange(""), it -> it, _ -> answered(Samples.answered()));
        }

        assertThat(attributes(receiver.span(Span.SpanKind.SPAN_KIND_SERVER)))
                .containsEntry("tollgate.end_user", Samples.END_USER);
    }

    @Test
    void a_malformed_traceparent_begins_a_new_trace() {
        run(Samples.exchange("00-" + TRACE + "-xyz-01"), _ -> answered(Samples.answered()));

        var request = receiver.span(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(request.getParentSpanId().isEmpty()).isTrue();
        assertThat(hex(request.getTraceId())).isNotEqualTo(TRACE);
    }

    @Test
    void a_caller_that_does_not_sample_is_followed() {
        var sent = new AtomicReference<>("");

        run(
                Samples.exchange("00-" + TRACE + "-" + CALLER_SPAN + "-00"),
                exchange -> {
                    sent.set(exchange.traceParent());
                    return answered(Samples.answered());
                });

        assertThat(receiver.spans()).isEmpty();
        assertThat(sent.get()).startsWith("00-" + TRACE + "-").endsWith("-00");
    }

    @Test
    void the_resource_and_the_headers_are_those_of_the_settings() {
        var settings =
                Map.of(
                        "OTEL_SERVICE_NAME", "gateway-blue",
                        "OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test",
                        "OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20t1");
        try (var named = telemetry(settings)) {
            run(named, Samples.exchange(""), it -> it, _ -> answered(Samples.answered()));
        }

        var resource = receiver.exports().getFirst().getResourceSpans(0);
        assertThat(attributes(resource.getResource().getAttributesList()))
                .containsEntry("service.name", "gateway-blue")
                .containsEntry("service.instance.id", "node-1")
                .containsEntry("deployment.environment.name", "test");
        assertThat(resource.getScopeSpans(0).getSchemaUrl()).isEqualTo(GenAiNames.SCHEMA_URL);
        assertThat(receiver.authorizations()).containsOnly("Bearer t1");
    }

    @Test
    void exports_are_counted() {
        run(Samples.exchange(""), _ -> answered(Samples.answered()));

        assertThat(telemetry.metrics().scrape())
                .contains("tollgate_spans_sent_total 2.0")
                .contains("tollgate_spans_lost_total 0.0");
    }

    private void run(Exchange exchange, Filter.Next provider) {
        run(exchange, it -> it, provider);
    }

    private void run(Exchange exchange, UnaryOperator<Exchange> budget, Filter.Next provider) {
        run(telemetry, exchange, budget, provider);
    }

    /// Runs `exchange` through the two usage filters as the path has them.
    private static void run(
            Telemetry telemetry,
            Exchange exchange,
            UnaryOperator<Exchange> budget,
            Filter.Next provider) {
        var recorder = telemetry.recorder();
        var path =
                Filter.chain(
                        List.of(
                                new UsageFilter(recorder, Recorder.Kind.REQUEST),
                                (it, next) -> next.proceed(budget.apply(it)),
                                new UsageFilter(recorder, Recorder.Kind.ATTEMPT)),
                        provider);
        assertThat(path.proceed(exchange).isComplete()).isTrue();
        telemetry.flush();
    }

    private static Future<Reply> answered(Outcome outcome) {
        return Future.succeededFuture(
                new Reply(
                        200,
                        List.of(),
                        new Reply.Whole(new byte[0]),
                        Future.succeededFuture(outcome)));
    }

    private Telemetry telemetry(Map<String, String> more) {
        var environment = new HashMap<>(more);
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
        return Telemetry.start(
                TelemetrySettings.from(environment), "node-1", Samples.LISTED::equals, clock::get);
    }
}
