package dev.tollgate.loadtest.provider;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.closesMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.endsWithoutMark;
import static dev.tollgate.loadtest.provider.Behaviour.failsMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.garbage;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.resetsMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.stalls;
import static dev.tollgate.loadtest.provider.Behaviour.stallsMidStream;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.loadtest.provider.BillLine.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Each scripted fault as a caller on a bare socket meets it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SimulatedProviderFaultTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "/v1/messages";
    private static final String WHOLE =
            "{\"model\":\"gpt-4o\",\"max_tokens\":500,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String STREAM = WHOLE.replace("{\"model\"", "{\"stream\":true,\"model\"");

    private SimulatedProvider provider;

    @BeforeAll
    void start() {
        provider = SimulatedProvider.start();
    }

    @AfterAll
    void stop() {
        provider.close();
    }

    @BeforeEach
    void forget() {
        provider.forget();
    }

    @Test
    void ends_the_connection_in_mid_stream_without_the_end_of_the_body() throws Exception {
        provider.then(closesMidStream(3));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, STREAM);
            var text = client.readToEnd();

            assertThat(text.split("\"delta\":\\{\"content\"", -1)).hasSize(4);
            assertThat(text).doesNotContain("[DONE]").doesNotEndWith("0\r\n\r\n");
        }
        assertThat(provider.bill()).extracting(BillLine::outcome).containsExactly(Outcome.FAILED);
        assertThat(provider.seen().getFirst().closedEarly()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Ending.Kind.class,
            names = {"RESETS", "CLOSES", "ENDS_WITHOUT_MARK"})
    void cuts_whole_answers_too(Ending.Kind kind) throws Exception {
        provider.then(replies("Some text that is cut").ends(new Ending(kind, 0)));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, WHOLE, "connection: close");
            var text = new StringBuilder();
            try {
                text.append(client.readUntil("\r\n\r\n")).append(client.readToEnd());
            } catch (SocketException reset) {
                assertThat(kind).isEqualTo(Ending.Kind.RESETS);
            }

            assertThat(text.toString()).startsWith("HTTP/1.1 200").doesNotContain("usage");
        }
    }

    @Test
    void resets_the_connection_in_mid_stream() throws Exception {
        provider.then(resetsMidStream(2));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, STREAM);

            assertThatThrownBy(client::readToEnd)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void ends_the_body_without_the_success_mark() throws Exception {
        provider.then(endsWithoutMark(2));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, STREAM, "connection: close");
            var text = client.readToEnd();

            assertThat(text).endsWith("0\r\n\r\n").contains("\"content\"").doesNotContain("[DONE]");
        }
    }

    @ParameterizedTest
    @MethodSource("errorEvents")
    void sends_the_error_event_of_the_dialect(String path, String expected) throws Exception {
        provider.then(failsMidStream(2));

        try (var client = new RawClient(provider.port())) {
            client.post(path, STREAM, "connection: close");
            var text = client.readToEnd();

            assertThat(text).contains(expected).doesNotContain("[DONE]", "message_stop");
        }
    }

    static Stream<Arguments> errorEvents() {
        return Stream.of(
                Arguments.of(CHAT, "data: {\"error\":{"),
                Arguments.of(MESSAGES, "event: error\ndata: {\"type\":\"error\",\"error\":{"));
    }

    @Test
    void sends_no_header_when_it_stalls_and_notices_the_caller_leaving() throws Exception {
        provider.then(stalls());

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, STREAM);
            provider.billed(1).await(10, TimeUnit.SECONDS);

            assertThat(client.available()).isZero();
        }
        assertThat(provider.bill()).extracting(BillLine::costPicoUsd).containsExactly(0L);
    }

    @Test
    void falls_silent_in_mid_stream() throws Exception {
        provider.then(stallsMidStream(2));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, STREAM);
            provider.billed(1).await(10, TimeUnit.SECONDS);
            var seen = provider.seen().getFirst();

            assertThat(seen.chunksSent()).isEqualTo(2);
            assertThat(client.readUntil("\"delta\":{\"content\"")).startsWith("HTTP/1.1 200");
            assertThat(provider.bill().getFirst().outcome()).isEqualTo(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void answers_with_every_form_of_refusal(
            int status, RetryAfter retryAfter, String path, List<String> expected)
            throws Exception {
        provider.then(answers(status, retryAfter));

        try (var client = new RawClient(provider.port())) {
            client.post(path, WHOLE, "connection: close");
            var text = client.readToEnd();

            assertThat(text).startsWith("HTTP/1.1 " + status).contains(expected);
        }
        assertThat(provider.bill()).extracting(BillLine::outcome).containsExactly(Outcome.FAILED);
    }

    static Stream<Arguments> refusals() {
        var date = Instant.parse("2027-03-04T05:06:07Z");
        return Stream.of(
                refusal(429, RetryAfter.seconds(7), CHAT, "retry-after: 7", "rate_limit_exceeded"),
                refusal(429, RetryAfter.date(date), CHAT, "Thu, 04 Mar 2027 05:06:07 GMT"),
                refusal(429, RetryAfter.millis(Duration.ofMillis(20)), CHAT, "retry-after-ms: 20"),
                refusal(
                        429,
                        RetryAfter.none().andShouldRetry(false),
                        MESSAGES,
                        "x-should-retry: false",
                        "rate_limit_error",
                        "\"request_id\":\"req_anthropic_"),
                refusal(529, RetryAfter.none(), MESSAGES, "overloaded_error"),
                refusal(503, RetryAfter.seconds(1), CHAT, "server_error"),
                refusal(402, RetryAfter.none(), MESSAGES, "billing_error"),
                refusal(401, RetryAfter.none(), CHAT, "invalid_api_key"));
    }

    private static Arguments refusal(
            int status, RetryAfter retryAfter, String path, String... expected) {
        return Arguments.of(status, retryAfter, path, List.of(expected));
    }

    @Test
    void answers_with_any_bytes_at_all() throws Exception {
        var notUtf8 = new byte[] {(byte) 0xC3, (byte) 0x28, (byte) 0xFF};
        provider.then(garbage(200, Map.of("content-type", "text/html"), notUtf8))
                .then(answers(200, Map.of(), "{\"error\":{\"message\":\"no\"}}"))
                .then(answers(200, Map.of(), ""));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, WHOLE);
            assertThat(client.readUntil("\r\n\r\n")).contains("text/html", "content-length: 3");
            client.readUntil("(");
            client.post(CHAT, WHOLE);
            assertThat(client.readUntil("\"no\"}}")).contains("HTTP/1.1 200");
            client.post(CHAT, WHOLE, "connection: close");
            assertThat(client.readToEnd()).contains("content-length: 0");
        }
    }

    @Test
    void sends_raw_chunks_and_breaks_them_off_where_told() throws Exception {
        var chunks = List.of("data: {}\n\n".getBytes(UTF_8), "data: x\n\n".getBytes(UTF_8));
        var headers = Map.of("content-type", "text/event-stream");
        var raw = Behaviour.streamsRaw(200, headers, chunks, Duration.ofMillis(1));
        provider.then(raw).then(raw.ends(new Ending(Ending.Kind.CLOSES, 1)));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, STREAM);
            assertThat(client.readUntil("0\r\n\r\n")).contains("data: {}\n\n", "data: x\n\n");
            client.post(CHAT, STREAM);
            assertThat(client.readToEnd()).contains("data: {}").doesNotContain("data: x");
        }
    }

    @Test
    void answers_before_the_upload_ends() throws Exception {
        provider.then(answers(200, Map.of(), "{\"early\":true}").early());

        try (var client = new RawClient(provider.port())) {
            client.head(CHAT, 1_000_000);
            client.write(new byte[1_000]);

            assertThat(client.readUntil("{\"early\":true}")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void bills_a_caller_who_leaves_for_what_was_produced() throws Exception {
        var never = Promise.<Void>promise();
        provider.then(replies("word ".repeat(100)).pausesAfter(5, never.future()));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, STREAM);
            var text = new StringBuilder();
            for (int i = 0; i < 5; i++) {
                text.append(client.readUntil("\"delta\":{\"content\":\""));
            }
            assertThat(text).startsWith("HTTP/1.1 200");
        }
        provider.billed(1).await(10, TimeUnit.SECONDS);

        var line = provider.bill().getFirst();
        assertThat(line.outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(line.tokens().output()).isEqualTo(5);
        assertThat(line.costPicoUsd())
                .isEqualTo(line.tokens().input() * 2_500_000 + 5 * 10_000_000L);
        assertThat(provider.seen().getFirst().closedEarly()).isTrue();
    }

    @Test
    void holds_answers_until_the_gate_opens() throws Exception {
        var gate = Promise.<Void>promise();
        provider.always(replies("Hello").waitsFor(gate.future()));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, WHOLE);
            arrives(provider.arrived(1));
            assertThat(provider.bill()).isEmpty();
            gate.complete();

            assertThat(client.readUntil("total_tokens")).contains("Hello");
        }
    }

    @Test
    void waits_for_a_slow_reader_rather_than_pile_up() throws Exception {
        var chunk = "x".repeat(1_000_000);
        provider.then(Behaviour.streams(Collections.nCopies(40, chunk), Duration.ZERO));

        try (var client = new RawClient(provider.port())) {
            client.post(CHAT, STREAM.replace("500", "900000000"));
            assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
            try (var other = new RawClient(provider.port())) {
                // Without waiting, one turn of the event loop would send all.
                for (int i = 0; i < 40; i++) {
                    other.post("/v1/models", "");
                    other.readUntil("\"object\":\"list\"");
                }
            }

            assertThat(provider.seen().getFirst().chunksSent()).isLessThan(40);
            assertThat(provider.bill()).isEmpty();
        }
        provider.billed(1).await(10, TimeUnit.SECONDS);
        assertThat(provider.bill().getFirst().outcome()).isEqualTo(Outcome.CANCELLED);
    }

    @Test
    void a_missing_credential_is_refused_where_one_is_set() throws Exception {
        try (var keyed = SimulatedProvider.start(ProviderOptions.defaults().withApiKey("secret"))) {
            try (var client = new RawClient(keyed.port())) {
                client.post(CHAT, WHOLE, "authorization: Bearer other", "connection: close");
                assertThat(client.readToEnd()).startsWith("HTTP/1.1 401");
            }
            try (var client = new RawClient(keyed.port())) {
                client.post(CHAT, WHOLE, "authorization: Bearer secret", "connection: close");
                assertThat(client.readToEnd()).startsWith("HTTP/1.1 200");
            }
        }
    }

    private static void arrives(Future<Void> future) throws TimeoutException, IOException {
        future.await(10, TimeUnit.SECONDS);
    }
}
