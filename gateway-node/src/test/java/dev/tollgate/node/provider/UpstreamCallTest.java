package dev.tollgate.node.provider;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.closesMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.endsWithoutMark;
import static dev.tollgate.loadtest.provider.Behaviour.failsMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.garbage;
import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.resetsMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.stalls;
import static dev.tollgate.loadtest.provider.Behaviour.stallsMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.streams;
import static dev.tollgate.loadtest.provider.Behaviour.streamsRaw;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.loadtest.provider.RetryAfter;
import dev.tollgate.loadtest.provider.UsageReport;
import dev.tollgate.node.provider.Rig.Received;
import dev.tollgate.node.provider.anthropic.AnthropicClient;
import dev.tollgate.node.provider.openai.OpenAiClient;
import dev.tollgate.node.stream.RelayStream;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Problem.UpstreamInvalid;
import dev.tollgate.problem.Problem.UpstreamTimeout;
import dev.tollgate.problem.Problem.UpstreamUnreachable;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of a call when something goes wrong with it, in both dialects.
final class UpstreamCallTest {

    private static final Rig RIG = new Rig();
    private static final UpstreamHttp HTTP = RIG.http(Rig.impatient());
    private static final OpenAiClient OPENAI = new OpenAiClient(HTTP, Set.of());
    private static final AnthropicClient ANTHROPIC = new AnthropicClient(HTTP);

    @AfterAll
    static void close() {
        RIG.close();
    }

    @BeforeEach
    void forget() {
        RIG.provider.forget();
    }

    private static ProviderClient client(Dialect dialect) {
        return dialect == Dialect.OPENAI ? OPENAI : ANTHROPIC;
    }

    private static Requests requests(Dialect dialect, String baseUrl) {
        return dialect == Dialect.OPENAI
                ? Requests.to(Endpoint.CHAT_COMPLETIONS, baseUrl, "openai")
                : Requests.to(Endpoint.MESSAGES, baseUrl, "anthropic");
    }

    private static Requests requests(Dialect dialect) {
        return requests(dialect, RIG.provider.openAiBaseUrl());
    }

    private static String body(boolean stream) {
        return "{\"model\":\"m\",\"max_tokens\":1000000,\"stream\":"
                + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    }

    private static Exchange whole(Dialect dialect) {
        return requests(dialect).with(body(false));
    }

    private static Exchange streamed(Dialect dialect) {
        return requests(dialect).with(body(true));
    }

    // --- before an answer ---

    @ParameterizedTest
    @EnumSource
    void has_not_reached_a_provider_that_refuses_the_connection(Dialect dialect)
            throws IOException {
        int closed;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }

        var refusal =
                RIG.refusal(
                        client(dialect),
                        requests(dialect, "http://127.0.0.1:" + closed + "/v1").with(body(true)));

        assertThat(refusal.problem())
                .isEqualTo(
                        new UpstreamUnreachable(
                                "the-" + requests(dialect).type(), "connection refused"));
        var attempt = refusal.attempt().orElseThrow();
        assertThat(attempt.reached()).isFalse();
        assertThat(attempt.usage()).contains(Usage.NONE);
        assertThat(attempt.completion()).isEqualTo(Completion.UPSTREAM_FAILED);
    }

    @Test
    void has_not_reached_a_provider_without_an_address() {
        var refusal =
                RIG.refusal(
                        OPENAI,
                        requests(Dialect.OPENAI, "http://provider.invalid/v1").with(body(false)));

        assertThat(refusal.problem())
                .isIn(
                        new UpstreamUnreachable("the-openai", "its name is not known"),
                        new UpstreamTimeout("the-openai", "connect", Duration.ofMillis(400)));
        assertThat(refusal.attempt().orElseThrow().reached()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void times_out_on_a_provider_that_never_answers(boolean stream) {
        RIG.provider.always(stalls());

        var refusal = RIG.refusal(OPENAI, requests(Dialect.OPENAI).with(body(stream)));

        assertThat(refusal.problem())
                .isEqualTo(new UpstreamTimeout("the-openai", "first byte", Duration.ofMillis(400)));
        var attempt = refusal.attempt().orElseThrow();
        assertThat(attempt.reached()).isTrue();
        assertThat(attempt.usage()).isEmpty();
    }

    @Test
    void has_reached_a_provider_that_closes_without_an_answer() throws IOException {
        try (var server = new RawServer("")) {
            var refusal =
                    RIG.refusal(
                            OPENAI, requests(Dialect.OPENAI, server.baseUrl()).with(body(false)));

            assertThat(refusal.problem())
                    .isEqualTo(new UpstreamUnreachable("the-openai", "the connection broke"));
            assertThat(refusal.attempt().orElseThrow().reached()).isTrue();
            assertThat(refusal.attempt().orElseThrow().usage()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("heads_that_are_none")
    void refuses_a_head_that_is_none(String head) throws IOException {
        try (var server = new RawServer(head)) {
            var refusal =
                    RIG.refusal(
                            OPENAI, requests(Dialect.OPENAI, server.baseUrl()).with(body(true)));

            assertThat(refusal.problem())
                    .isEqualTo(new UpstreamInvalid("the-openai", "not HTTP as we read it"));
            assertThat(refusal.attempt().orElseThrow().reached()).isTrue();
        }
    }

    static Stream<String> heads_that_are_none() {
        return Stream.of(
                "I am not HTTP at all\r\n\r\n",
                "HTTP/1.1 200 OK\r\n" + "x-filler: 0123456789\r\n".repeat(100_000) + "\r\n");
    }

    // --- whole answers ---

    static Stream<Arguments> garbage_in_place_of_an_answer() {
        var json = Map.of("content-type", "application/json");
        return Stream.of(
                Arguments.of(
                        garbage(200, json, "oops".getBytes(StandardCharsets.UTF_8)), "not JSON"),
                Arguments.of(garbage(200, json, new byte[0]), "not a JSON object"),
                Arguments.of(
                        garbage(200, json, new byte[] {'{', '"', (byte) 0xff, '"'}), "not JSON"),
                Arguments.of(answers(200, json, "[1]"), "not a JSON object"),
                Arguments.of(answers(200, json, "{\"choices\":[],\"content\":["), "not JSON"),
                Arguments.of(answers(200, json, "{\"choices\":[]} {}"), "more than one JSON value"),
                Arguments.of(answers(204, json, "{}"), "not a JSON object"),
                Arguments.of(
                        answers(302, Map.of("location", "http://127.0.0.1:1/"), ""), "status 302"),
                Arguments.of(
                        answers(200, Map.of("content-type", "text/html"), "<p>Hi</p>"),
                        "content type text/html"),
                Arguments.of(
                        answers(200, Map.of("content-encoding", "gzip"), "\u001f\u008b"),
                        "a content encoding not asked for"));
    }

    @ParameterizedTest
    @MethodSource("garbage_in_place_of_an_answer")
    void refuses_garbage_in_place_of_an_answer(Behaviour behaviour, String reason) {
        RIG.provider.always(behaviour);

        var refusal = RIG.refusal(OPENAI, whole(Dialect.OPENAI));

        assertThat(refusal.problem()).isEqualTo(new UpstreamInvalid("the-openai", reason));
        var attempt = refusal.attempt().orElseThrow();
        assertThat(attempt.reached()).isTrue();
        assertThat(attempt.usage()).isEmpty();
        assertThat(attempt.completion()).isEqualTo(Completion.UPSTREAM_FAILED);
    }

    @ParameterizedTest
    @EnumSource
    void refuses_an_empty_object_in_place_of_an_answer(Dialect dialect) {
        RIG.provider.always(answers(200, Map.of(), "{}"));

        assertThat(RIG.refusal(client(dialect), whole(dialect)).problem())
                .isInstanceOf(UpstreamInvalid.class);
    }

    @ParameterizedTest
    @EnumSource
    void refuses_an_answer_that_is_too_large(Dialect dialect) {
        var http = RIG.http(ProviderSettings.DEFAULTS.withLimits(10_000, 10_000));
        var small =
                dialect == Dialect.OPENAI
                        ? new OpenAiClient(http, Set.of())
                        : new AnthropicClient(http);
        RIG.provider.always(replies("much too long ".repeat(1_000)));

        var refusal = RIG.refusal(small, whole(dialect));

        assertThat(refusal.problem())
                .isInstanceOfSatisfying(
                        UpstreamInvalid.class,
                        problem -> assertThat(problem.reason()).isEqualTo("more than 10000 bytes"));
    }

    @ParameterizedTest
    @EnumSource
    void relays_an_error_body_with_a_status_of_success(Dialect dialect) {
        var error = "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"no\"}}";
        RIG.provider.always(answers(200, Map.of("content-type", "application/json"), error));

        for (var exchange : List.of(whole(dialect), streamed(dialect))) {
            var reply = RIG.reply(client(dialect), exchange);

            assertThat(reply.status()).isEqualTo(200);
            assertThat(Rig.body(reply)).isEqualTo(error);
            var report = Rig.outcome(reply).report();
            assertThat(report.completion()).isEqualTo(Completion.UPSTREAM_ERROR);
            assertThat(report.usage()).contains(Usage.NONE);
        }
    }

    @Test
    void refuses_a_whole_answer_to_a_request_for_a_stream_but_knows_its_usage() {
        RIG.provider.always(
                answers(
                        200,
                        Map.of("content-type", "application/json"),
                        "{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3}}"));

        var refusal = RIG.refusal(OPENAI, streamed(Dialect.OPENAI));

        assertThat(refusal.problem()).isInstanceOf(UpstreamInvalid.class);
        assertThat(refusal.attempt().orElseThrow().usage()).contains(Usage.of(5, 3));
    }

    @ParameterizedTest
    @EnumSource(
            value = UsageReport.class,
            names = {"MISSING", "NULL", "NEGATIVE", "HUGE", "OVERFLOWING", "WRONG_TYPE"})
    void leaves_unusable_usage_to_an_estimate(UsageReport told) {
        for (var dialect : Dialect.values()) {
            RIG.provider.always(replies("Good day.").reports(told));

            var wholeReport = Rig.outcome(RIG.reply(client(dialect), whole(dialect))).report();
            var streamReport = RIG.stream(client(dialect), streamed(dialect)).report();

            for (var report : List.of(wholeReport, streamReport)) {
                assertThat(report.completion()).isEqualTo(Completion.COMPLETE);
                assertThat(report.usage()).isEmpty();
                assertThat(report.anomaly()).startsWith("usage");
                assertThat(report.deliveredText()).isEqualTo("Good day.");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void takes_zero_for_zero(Dialect dialect) {
        RIG.provider.always(replies("Good day.").reports(UsageReport.ZERO));

        var report = Rig.outcome(RIG.reply(client(dialect), whole(dialect))).report();

        assertThat(report.usage()).contains(Usage.NONE);
        assertThat(report.anomaly()).isEmpty();
    }

    // --- the provider's own errors ---

    static Stream<RetryAfter> forms_of_retry_after() {
        return Stream.of(
                RetryAfter.none(),
                RetryAfter.seconds(7),
                RetryAfter.millis(Duration.ofMillis(1_500)),
                RetryAfter.seconds(60).andShouldRetry(false),
                RetryAfter.date(Instant.parse("2030-01-01T00:00:00Z")));
    }

    @ParameterizedTest
    @MethodSource("forms_of_retry_after")
    void passes_limits_on_with_every_form_of_retry_after(RetryAfter form) {
        for (var dialect : Dialect.values()) {
            RIG.provider.always(answers(429, form));

            var reply = RIG.reply(client(dialect), streamed(dialect));

            assertThat(reply.status()).isEqualTo(429);
            assertThat(reply.headers()).containsAll(form.headers().entrySet());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 529})
    void passes_errors_on_with_status_and_body(int status) {
        for (var dialect : Dialect.values()) {
            RIG.provider.always(answers(status));

            var reply = RIG.reply(client(dialect), whole(dialect));

            assertThat(reply.status()).isEqualTo(status);
            assertThat(Rig.body(reply)).contains("Scripted status " + status);
            var report = Rig.outcome(reply).report();
            assertThat(report.completion()).isEqualTo(Completion.UPSTREAM_ERROR);
            assertThat(report.httpStatus()).isEqualTo(status);
            assertThat(report.reached()).isTrue();
            assertThat(report.usage()).contains(Usage.NONE);
        }
    }

    @Test
    void relays_an_answer_that_comes_before_the_upload_has_ended() {
        RIG.provider.always(answers(413).early());
        var large = "{\"model\":\"m\",\"messages\":[],\"x\":\"" + "x".repeat(8_000_000) + "\"}";

        var reply = RIG.reply(OPENAI, requests(Dialect.OPENAI).with(large));

        assertThat(reply.status()).isEqualTo(413);
        assertThat(Rig.body(reply)).contains("Scripted status 413");
    }

    // --- streams that break ---

    static Stream<Arguments> broken_streams() {
        var breaks =
                Map.<Behaviour, Class<? extends Problem>>of(
                        resetsMidStream(3).paced(Duration.ofMillis(20)), UpstreamUnreachable.class,
                        closesMidStream(3).paced(Duration.ofMillis(20)), UpstreamUnreachable.class,
                        endsWithoutMark(3).paced(Duration.ofMillis(20)), UpstreamUnreachable.class,
                        stallsMidStream(3).paced(Duration.ofMillis(20)), UpstreamTimeout.class);
        return Stream.of(Dialect.values())
                .flatMap(dialect ->
                        breaks.entrySet().stream()
                                .map(each ->
                                        Arguments.of(dialect, each.getKey(), each.getValue())));
    }

    @ParameterizedTest
    @MethodSource("broken_streams")
    void ends_a_stream_that_breaks_with_a_refusal_and_what_was_delivered(
            Dialect dialect, Behaviour behaviour, Class<? extends Problem> problem) {
        RIG.provider.always(behaviour);

        var received = RIG.stream(client(dialect), streamed(dialect));

        assertThat(received.problem()).get().isInstanceOf(problem);
        assertThat(received.text()).doesNotContain("[DONE]").doesNotContain("message_stop");
        var report = received.report();
        assertThat(report.completion()).isEqualTo(Completion.UPSTREAM_FAILED);
        assertThat(report.usage()).isEmpty();
        assertThat(report.anomaly()).isEmpty();
        assertThat(report.reached()).isTrue();
        assertThat(report.deliveredText()).isNotEmpty();
        assertThat(report.inputKnown().isPresent()).isEqualTo(dialect == Dialect.ANTHROPIC);
    }

    @ParameterizedTest
    @EnumSource
    void takes_the_providers_error_event_for_the_end(Dialect dialect) {
        RIG.provider.always(failsMidStream(3));

        var received = RIG.stream(client(dialect), streamed(dialect));

        assertThat(received.problem()).isEmpty();
        assertThat(received.text()).contains("\"error\"");
        assertThat(received.report().completion()).isEqualTo(Completion.UPSTREAM_FAILED);
    }

    @ParameterizedTest
    @EnumSource
    void takes_an_error_event_before_any_answer_for_a_refusal(Dialect dialect) {
        var error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"busy\"}}\n\n";
        RIG.provider.always(stream(List.of(error)));

        var received = RIG.stream(client(dialect), streamed(dialect));

        assertThat(received.text()).isEqualTo(error);
        assertThat(received.report().completion()).isEqualTo(Completion.UPSTREAM_ERROR);
        assertThat(received.report().usage()).contains(Usage.NONE);
    }

    @ParameterizedTest
    @EnumSource
    void refuses_garbage_in_a_stream_after_what_was_good(Dialect dialect) {
        RIG.provider.always(
                stream(List.of("data: {\"type\":\"ping\"}\n\n", "data: oops\n\n", "data: {}\n\n")));

        var received = RIG.stream(client(dialect), streamed(dialect));

        assertThat(received.problem()).get().isInstanceOf(UpstreamInvalid.class);
        assertThat(received.text()).isEqualTo("data: {\"type\":\"ping\"}\n\n");
        assertThat(received.between()).contains(true);
    }

    @ParameterizedTest
    @EnumSource
    void refuses_an_event_that_is_too_large(Dialect dialect) {
        var http = RIG.http(ProviderSettings.DEFAULTS.withLimits(10_000, 10_000));
        var small =
                dialect == Dialect.OPENAI
                        ? new OpenAiClient(http, Set.of())
                        : new AnthropicClient(http);
        RIG.provider.always(
                stream(List.of("data: {}\n\n", "data: \"", "x".repeat(50_000), "\"\n\n")));

        var received = RIG.stream(small, streamed(dialect));

        assertThat(received.problem())
                .get()
                .isInstanceOfSatisfying(
                        UpstreamInvalid.class,
                        problem ->
                                assertThat(problem.reason())
                                        .isEqualTo("an event of more than 10000 bytes"));
    }

    @Test
    void relays_events_of_megabytes() {
        var image = "{\"choices\":[{\"delta\":{\"image\":\"" + "A".repeat(4_000_000) + "\"}}]}";
        var events = List.of("data: " + image + "\n\n", "data: [DONE]\n\n");
        RIG.provider.always(stream(events));

        var received = RIG.stream(OPENAI, streamed(Dialect.OPENAI));

        assertThat(received.problem()).isEmpty();
        assertThat(received.text()).isEqualTo(String.join("", events));
    }

    @Test
    void relays_very_many_very_small_events() {
        var events = Collections.nCopies(2_000, "data: {\"choices\":[]}\n\n".repeat(50));
        var all = new ArrayList<>(events);
        all.add("data: [DONE]\n\n");
        RIG.provider.always(stream(all));

        var received = RIG.stream(OPENAI, streamed(Dialect.OPENAI));

        assertThat(received.text()).hasSize(String.join("", all).length());
        assertThat(received.report().completion()).isEqualTo(Completion.COMPLETE);
    }

    @Test
    void ends_at_the_mark_though_the_provider_keeps_the_body_open() {
        var opened = Promise.<Void>promise();
        RIG.provider.always(
                streamsRaw(
                        200,
                        Map.of("content-type", "text/event-stream"),
                        List.of("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8), new byte[0]),
                        Duration.ofSeconds(60)));

        var received = RIG.stream(OPENAI, streamed(Dialect.OPENAI));
        opened.complete();

        assertThat(received.text()).isEqualTo("data: [DONE]\n\n");
        assertThat(received.report().completion()).isEqualTo(Completion.COMPLETE);
        assertThat(received.report().durationNanos()).isLessThan(Duration.ofSeconds(5).toNanos());
    }

    private static Behaviour stream(List<String> chunks) {
        return streamsRaw(
                200,
                Map.of("content-type", "text/event-stream"),
                chunks.stream().map(chunk -> chunk.getBytes(StandardCharsets.UTF_8)).toList(),
                Duration.ofMillis(chunks.size() > 10 ? 0 : 5));
    }

    // --- with another deployment behind ---

    private static Exchange followed(Dialect dialect) {
        var exchange = streamed(dialect);
        return exchange.routedTo(List.of(exchange.deployment(), exchange.deployment()));
    }

    @ParameterizedTest
    @EnumSource
    void knows_with_the_head_of_a_stream_that_it_begins_with_an_error(Dialect dialect) {
        var error =
                dialect == Dialect.OPENAI
                        ? "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"
                        : "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"x\"}}\n\n";
        RIG.provider.always(stream(List.of(error.substring(0, 9), error.substring(9))));

        var reply = RIG.reply(client(dialect), followed(dialect));

        assertThat(reply.outcome().isComplete()).isTrue();
        assertThat(Rig.outcome(reply).report().completion()).isEqualTo(Completion.UPSTREAM_ERROR);
        assertThat(RIG.read(reply, RelayStream::resume, _ -> _ -> {}).text()).isEqualTo(error);
    }

    @Test
    void relays_all_of_a_stream_whose_first_event_is_long_in_coming() {
        var pieces =
                List.of(
                        "data: {\"choices\":[",
                        "{\"delta\":",
                        "{\"content\":",
                        "\"Hello\"",
                        "}}",
                        "]}\n\ndata: [DONE]\n\n");
        RIG.provider.always(
                streamsRaw(
                        200,
                        Map.of("content-type", "text/event-stream"),
                        pieces.stream()
                                .map(piece -> piece.getBytes(StandardCharsets.UTF_8))
                                .toList(),
                        Duration.ofMillis(300)));

        var reply = RIG.reply(OPENAI, followed(Dialect.OPENAI));
        var early = !reply.outcome().isComplete();
        var received = RIG.read(reply, RelayStream::resume, _ -> _ -> {});

        assertThat(early).isTrue();
        assertThat(received.text()).isEqualTo(String.join("", pieces));
        assertThat(received.report().completion()).isEqualTo(Completion.COMPLETE);
    }

    @Test
    void loses_nothing_of_what_came_before_the_reader() {
        var pieces = Collections.nCopies(400, "0123456789".repeat(100));
        RIG.provider.always(streams(pieces, Duration.ZERO));
        var alone = RIG.stream(OPENAI, streamed(Dialect.OPENAI));

        var reply = RIG.reply(OPENAI, followed(Dialect.OPENAI));
        var received = RIG.read(reply, stream -> stream.fetch(1), _ -> stream -> stream.fetch(1));

        assertThat(received.text()).hasSize(alone.text().length());
        assertThat(received.report().completion()).isEqualTo(Completion.COMPLETE);
    }

    @Test
    void a_client_who_leaves_before_the_first_event_is_settled() {
        RIG.provider.always(
                streamsRaw(
                        200,
                        Map.of("content-type", "text/event-stream"),
                        List.of("data: ".getBytes(StandardCharsets.UTF_8), new byte[0]),
                        Duration.ofSeconds(60)));
        var left = Promise.<Void>promise();
        var exchange = followed(Dialect.OPENAI);

        var sent = RIG.send(OPENAI, leaving(exchange, left.future()));
        RIG.vertx.setTimer(100, _ -> left.complete());

        assertThat(Rig.outcome(Rig.await(sent)).report().completion())
                .isEqualTo(Completion.CLIENT_LEFT);
    }

    private static Exchange leaving(Exchange exchange, Future<Void> left) {
        return new Exchange(
                exchange.id(),
                exchange.receivedMillis(),
                exchange.receivedNanos(),
                exchange.endpoint(),
                exchange.caller(),
                exchange.attribution(),
                exchange.request(),
                exchange.headers(),
                exchange.query(),
                exchange.traceParent(),
                exchange.candidates(),
                exchange.outputGranted(),
                left);
    }

    // --- readers ---

    @Test
    void lets_a_slow_reader_take_its_time_and_loses_nothing() {
        var pieces = Collections.nCopies(400, "0123456789".repeat(100));
        RIG.provider.always(streams(pieces, Duration.ZERO));
        var reply = RIG.reply(OPENAI, streamed(Dialect.OPENAI));
        var slowed = new int[1];

        var received =
                RIG.read(
                        reply,
                        stream -> stream.fetch(1),
                        _ ->
                                stream -> {
                                    // Longer, once, than the provider may be silent.
                                    var millis = slowed[0]++ == 3 ? 700 : 1;
                                    RIG.vertx.setTimer(millis, _ -> stream.fetch(1));
                                });

        assertThat(received.problem()).isEmpty();
        assertThat(received.report().deliveredText()).isEqualTo(String.join("", pieces));
        assertThat(received.text()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void slows_the_provider_down_to_its_reader() {
        var pieces = Collections.nCopies(2_000, "0123456789".repeat(500));
        RIG.provider.always(streams(pieces, Duration.ZERO));
        var left = Promise.<Void>promise();
        var patient = new OpenAiClient(RIG.http(ProviderSettings.DEFAULTS), Set.of());
        var reply =
                RIG.reply(patient, requests(Dialect.OPENAI).left(left.future()).with(body(true)));
        var stream = (RelayStream) reply.body();

        var received =
                RIG.read(reply, start -> start.fetch(1), all -> _ -> leaveAt(all.length(), left));

        assertThat(received.bytes().length).isPositive();
        assertThat(stream.outputTokensSoFar()).isLessThan(1_000_000);
        assertThat(RIG.provider.seen().getFirst().chunksSent()).isLessThan(2_000);
    }

    private static void leaveAt(int relayed, Promise<Void> left) {
        if (relayed > 0) {
            RIG.vertx.setTimer(300, _ -> left.tryComplete());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void leaves_the_provider_at_once_when_the_client_does(long seed) {
        var random = new SplittableRandom(seed);
        var dialect = seed % 2 == 0 ? Dialect.OPENAI : Dialect.ANTHROPIC;
        var at = random.nextInt(1, 3_000);
        RIG.provider.always(generates(200, 300).paced(Duration.ofMillis(2)));
        var left = Promise.<Void>promise();
        var reply =
                RIG.reply(client(dialect), requests(dialect).left(left.future()).with(body(true)));

        var received =
                RIG.read(
                        reply,
                        RelayStream::resume,
                        all ->
                                _ -> {
                                    if (all.length() >= at) {
                                        left.tryComplete();
                                    }
                                });

        var report = received.report();
        assertThat(report.completion()).isEqualTo(Completion.CLIENT_LEFT);
        assertThat(report.reached()).isTrue();
        Rig.await(RIG.provider.billed(1));
        assertThat(RIG.provider.bill().getFirst().outcome().name()).isEqualTo("CANCELLED");
    }

    @ParameterizedTest
    @EnumSource
    void leaves_the_provider_while_a_whole_answer_is_awaited(Dialect dialect) {
        RIG.provider.always(replies("late").waitsFor(Promise.promise().future()));
        var left = Promise.<Void>promise();
        RIG.provider.arrived(1).onSuccess(_ -> left.complete());

        var reply =
                RIG.reply(client(dialect), requests(dialect).left(left.future()).with(body(false)));

        var report = Rig.outcome(reply).report();
        assertThat(report.completion()).isEqualTo(Completion.CLIENT_LEFT);
        assertThat(report.reached()).isTrue();
        assertThat(report.usage()).isEmpty();
        Rig.await(RIG.provider.billed(1));
        assertThat(RIG.provider.seen().getFirst().closedEarly()).isTrue();
    }

    @Test
    void sends_nothing_for_a_client_who_has_left_already() {
        var left = Promise.<Void>promise();
        left.complete();

        var reply =
                RIG.reply(OPENAI, requests(Dialect.OPENAI).left(left.future()).with(body(false)));

        var report = Rig.outcome(reply).report();
        assertThat(report.completion()).isEqualTo(Completion.CLIENT_LEFT);
        assertThat(report.reached()).isFalse();
        assertThat(report.usage()).contains(Usage.NONE);
        assertThat(RIG.provider.modelCalls()).isEmpty();
    }

    @Test
    void uses_connections_again_after_every_kind_of_success() {
        RIG.provider.always(streams(List.of("a", "b"), Duration.ZERO));
        Reply last = RIG.reply(OPENAI, whole(Dialect.OPENAI));
        for (var round = 0; round < 5; round++) {
            Received received = RIG.stream(OPENAI, streamed(Dialect.OPENAI));
            assertThat(received.problem()).isEmpty();
            last = RIG.reply(OPENAI, whole(Dialect.OPENAI));
        }

        assertThat(last.status()).isEqualTo(200);
        assertThat(RIG.provider.seen()).noneMatch(seen -> seen.closedEarly());
    }
}
