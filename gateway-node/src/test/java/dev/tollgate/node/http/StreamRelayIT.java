package dev.tollgate.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.tollgate.caller.Anonymous;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamRelayIT {

    private static final String END_OF_CHUNKS = "\r\n0\r\n\r\n";
    private static final int MEBIBYTE = 1024 * 1024;

    private final TestDoor door;

    StreamRelayIT() throws Exception {
        // No heartbeats but where a test is about them.
        door = new TestDoor(with(Duration.ofSeconds(20)), Anonymous.LOOPBACK);
    }

    private static DoorSettings with(Duration heartbeatAfter) {
        var quick = TestDoor.QUICK;
        return new DoorSettings(
                quick.bodyBytesMax(),
                quick.headerBytesMax(),
                quick.firstLineBytesMax(),
                quick.bodyTimeout(),
                quick.connectionIdleMax(),
                heartbeatAfter,
                quick.writeStallMax(),
                quick.writeQueueBytes());
    }

    @AfterAll
    void closes() throws Exception {
        door.close();
    }

    @Test
    void sends_the_head_at_once_and_every_chunk_as_it_comes() throws Exception {
        var stream = door.streams();
        try (var wire = door.connect()) {
            wire.send(TestDoor.chat());

            assertThat(wire.readUntil("\r\n\r\n"))
                    .startsWith("HTTP/1.1 200")
                    .contains("content-type: text/event-stream")
                    .contains("transfer-encoding: chunked")
                    .contains("x-request-id: ");
            stream.emit("data: 1\n\n");
            assertThat(wire.readUntil("data: 1\n\n\r\n")).startsWith("9\r\n");
            stream.emit("data: 2\n\n");
            assertThat(wire.readUntil("data: 2\n\n\r\n")).startsWith("9\r\n");
            stream.end();
            assertThat(wire.readUntil("0\r\n\r\n")).isEqualTo("0\r\n\r\n");
            wire.send(TestDoor.get("/health/live", ""));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void writes_together_what_has_come_together() throws Exception {
        var stream = door.streams();
        stream.emit("data: 1\n\n");
        stream.emit("data: 2\n\n");
        try (var wire = door.connect()) {
            wire.send(TestDoor.chat());
            wire.readUntil("\r\n\r\n");

            assertThat(wire.readUntil("data: 2\n\n\r\n"))
                    .isEqualTo("12\r\ndata: 1\n\ndata: 2\n\n\r\n");
            stream.end();
            assertThat(wire.readUntil("0\r\n\r\n")).isEqualTo("0\r\n\r\n");
        }
    }

    @Test
    void slows_the_provider_down_to_what_the_client_reads() throws Exception {
        var stream = door.streams();
        var chunks = 64;
        try (var wire = door.connect(32 * 1024)) {
            wire.send(TestDoor.chat());
            wire.readUntil("\r\n\r\n");
            for (var i = 0; i < chunks; i++) {
                stream.emit(Buffer.buffer(new byte[MEBIBYTE]));
            }
            stream.end();
            await(() -> stream.pauses() > 0);

            assertThat(stream.bytesRelayed()).isLessThan(chunks * (long) MEBIBYTE / 2);
            // Each chunk has a line of its length ("100000"), and the line ends around it.
            wire.skip(chunks * (8L + MEBIBYTE + 2));
            assertThat(wire.readUntil("0\r\n\r\n")).isEqualTo("0\r\n\r\n");
            assertThat(stream.bytesRelayed()).isEqualTo(chunks * (long) MEBIBYTE);
        }
    }

    @Test
    void gives_up_on_a_client_that_does_not_read() throws Exception {
        try (var impatient = new TestDoor(with(Duration.ofMillis(40)), Anonymous.LOOPBACK);
                var wire = impatient.connect(32 * 1024)) {
            var stream = impatient.streams();
            wire.send(TestDoor.chat());
            wire.readUntil("\r\n\r\n");
            for (var i = 0; i < 64; i++) {
                stream.emit(Buffer.buffer(new byte[MEBIBYTE]));
            }

            var left = impatient.nextSeen().left();

            assertThatNoException().isThrownBy(() -> left.await(10, TimeUnit.SECONDS));
            assertThat(wire.readToClose()).doesNotEndWith(END_OF_CHUNKS);
        }
    }

    @Test
    void keeps_silent_streams_alive_in_the_dialects_own_way() throws Exception {
        try (var lively = new TestDoor(with(Duration.ofMillis(40)), Anonymous.LOOPBACK)) {
            lively.streams();
            try (var wire = lively.connect()) {
                wire.send(TestDoor.chat());
                assertThat(wire.readUntil(": keep-alive\n\n\r\n")).contains("200 OK");
            }
            lively.streams();
            try (var wire = lively.connect()) {
                wire.send(TestDoor.messages());
                assertThat(wire.readUntil("event: ping\ndata: {\"type\": \"ping\"}\n\n\r\n"))
                        .contains("200 OK");
            }
        }
    }

    @Test
    void writes_no_heartbeat_into_an_event() throws Exception {
        try (var lively = new TestDoor(with(Duration.ofMillis(20)), Anonymous.LOOPBACK);
                var wire = lively.connect();
                var other = lively.connect()) {
            var silent = lively.streams();
            silent.inMidEvent();
            wire.send(TestDoor.chat());
            wire.readUntil("\r\n\r\n");
            lively.streams();
            other.send(TestDoor.chat());
            // By the time another stream has had three of them, this one was due as well.
            for (var i = 0; i < 3; i++) {
                other.readUntil(": keep-alive\n\n\r\n");
            }
            silent.emit("rest\n\n");
            silent.end();

            assertThat(wire.readUntil("0\r\n\r\n")).isEqualTo("6\r\nrest\n\n\r\n0\r\n\r\n");
        }
    }

    @Test
    void ends_a_failed_stream_with_an_error_event_and_never_cleanly() throws Exception {
        var stream = door.streams();
        try (var wire = door.connect()) {
            wire.send(TestDoor.chat());
            stream.emit("data: 1\n\n");
            wire.readUntil("data: 1\n\n\r\n");
            stream.fail(new Refusal(new Problem.UpstreamUnreachable("openai", "reset")));

            assertThat(wire.readToClose())
                    .contains("data: {\"error\":{\"message\":\"provider openai")
                    .doesNotEndWith(END_OF_CHUNKS);
        }
        stream = door.streams();
        try (var wire = door.connect()) {
            wire.send(TestDoor.messages());
            wire.readUntil("\r\n\r\n");
            stream.fail(new IllegalStateException("a bug, on purpose"));

            assertThat(wire.readToClose())
                    .contains("event: error\ndata: {\"type\":\"error\"")
                    .contains("logged as request")
                    .doesNotContain("on purpose")
                    .doesNotEndWith(END_OF_CHUNKS);
        }
    }

    @Test
    void only_resets_a_stream_that_fails_in_mid_event() throws Exception {
        var stream = door.streams();
        stream.inMidEvent();
        try (var wire = door.connect()) {
            wire.send(TestDoor.chat());
            wire.readUntil("\r\n\r\n");
            stream.emit("data: {\"half");
            wire.readUntil("half\r\n");
            stream.fail(new Refusal(new Problem.UpstreamUnreachable("openai", "reset")));

            assertThat(wire.readToClose()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tells_the_path_that_the_client_has_left(boolean inMidStream) throws Exception {
        door.seen.clear();
        if (inMidStream) {
            door.streams().emit("data: 1\n\n");
        } else {
            door.answers(_ -> Future.future(_ -> {}));
        }
        Future<Void> left;
        try (var wire = door.connect()) {
            wire.send(TestDoor.chat());
            left = door.nextSeen().left();
            if (inMidStream) {
                wire.readUntil("data: 1\n\n\r\n");
            }
            assertThat(left.isComplete()).isFalse();
        }

        assertThatNoException().isThrownBy(() -> left.await(5, TimeUnit.SECONDS));
    }

    @Test
    void refuses_to_stream_where_a_broken_stream_would_look_complete() throws Exception {
        door.seen.clear();
        var chat = "{\"model\":\"gpt-x\",\"messages\":[],\"stream\":true}";
        try (var wire = door.connect()) {
            wire.send(
                    TestDoor.post("/v1/chat/completions", "", chat)
                            .replace("HTTP/1.1\r\n", "HTTP/1.0\r\nConnection: keep-alive\r\n"));

            assertThat(wire.readToClose()).startsWith("HTTP/1.0 400").contains("HTTP/1.1");
        }
        assertThat(door.seen).isEmpty();
    }

    @Test
    void stops_an_answer_that_cannot_be_written() throws Exception {
        door.seen.clear();
        var broken = TestDoor.whole("{}").withHeader("x-broken", "a\r\nb");
        door.answers(_ -> Future.succeededFuture(broken));
        try (var wire = door.connect()) {
            wire.send(TestDoor.chat());

            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 500").doesNotContain("x-broken");
            var left = door.nextSeen().left();
            assertThatNoException().isThrownBy(() -> left.await(5, TimeUnit.SECONDS));
        }
    }

    /// Yields until `condition` holds; the test's own time limit is 10 s.
    private static void await(BooleanSupplier condition) {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
