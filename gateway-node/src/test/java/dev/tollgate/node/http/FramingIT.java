package dev.tollgate.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.caller.Anonymous;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Requests that two readers could take for different ones, and requests that are too much.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FramingIT {

    private static final String START = "POST /v1/chat/completions HTTP/1.1\r\n";
    private static final String HOST = "Host: localhost\r\n";
    private static final String BODY = "{\"model\":\"gpt-x\",\"messages\":[]}";

    private final TestDoor door;

    FramingIT() throws Exception {
        door = new TestDoor(TestDoor.QUICK, Anonymous.LOOPBACK);
    }

    @BeforeEach
    void forgets() {
        door.seen.clear();
    }

    @AfterAll
    void closes() throws Exception {
        door.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "both lengths|Content-Length: 31~Transfer-Encoding: chunked~",
                "both lengths, the other way|Transfer-Encoding: chunked~Content-Length: 31~",
                "two lengths|Content-Length: 31~Content-Length: 30~",
                "two lengths in a list|Content-Length: 31, 30~",
                "a negative length|Content-Length: -1~",
                "a signed length|Content-Length: +31~",
                "no number|Content-Length: x~",
                "a huge length|Content-Length: 99999999999999999999~",
                "unknown coding|Transfer-Encoding: xchunked~",
                "coding not last|Transfer-Encoding: chunked, gzip~",
                "coding before|Transfer-Encoding: gzip, chunked~",
                "identity|Transfer-Encoding: identity~Content-Length: 31~",
                "space before the colon|Content-Length : 31~",
                "space in a name|Content Length: 31~",
                "no colon|Content-Length~",
                "a NUL|X-A: b^c~Content-Length: 31~",
                "a bare CR|X-A: b`Content-Length: 31~",
                "two hosts|Host: localhost~Content-Length: 31~",
            })
    void refuses_headers_that_can_be_read_in_two_ways(String name, String headers)
            throws Exception {
        try (var wire = door.connect()) {
            wire.send(START + HOST + unmasked(headers) + "\r\n" + BODY);

            assertThat(wire.readAnswer()).as(name).startsWith("HTTP/1.1 400");
            assertThat(door.seen).as(name).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST http://evil.example/v1/chat/completions HTTP/1.1",
                "POST * HTTP/1.1",
                "POST /v1/chat/completions%zz HTTP/1.1",
                "POST /v1/chat/completions HTTP/1.1 x",
                "POST /v1/chat/completions",
            })
    void refuses_first_lines_that_are_odd(String line) throws Exception {
        try (var wire = door.connect()) {
            wire.send(
                    line + "\r\n" + HOST + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY);

            assertThat(wire.readAnswer()).matches("(?s)HTTP/1[.][01] 400.*");
            assertThat(door.seen).isEmpty();
        }
    }

    @Test
    void refuses_a_request_without_host() throws Exception {
        try (var wire = door.connect()) {
            wire.send(START + "Content-Length: 0\r\n\r\n");
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 400").contains("host");
        }
    }

    @ParameterizedTest
    @CsvSource({"zz", "-5", "5;a=\"\n\"", "ffffffffffffffffff", "0x5"})
    void closes_on_broken_chunks(String size) throws Exception {
        try (var wire = door.connect()) {
            wire.send(
                    START
                            + HOST
                            + "Transfer-Encoding: chunked\r\n\r\n"
                            + size
                            + "\r\nabcde\r\n0\r\n\r\n");

            // Vert.x closes before there is a chance to say why.
            assertThat(wire.readToClose()).isEmpty();
            assertThat(door.seen).isEmpty();
        }
    }

    @Test
    void refuses_heads_that_are_too_large() throws Exception {
        try (var wire = door.connect()) {
            wire.send(START + HOST + "X-A: " + "a".repeat(66 * 1024) + "\r\n\r\n");
            assertThat(wire.readToClose()).startsWith("HTTP/1.1 431").contains("65536 bytes");
        }
        try (var wire = door.connect()) {
            wire.send("GET /" + "a".repeat(9 * 1024) + " HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(wire.readToClose()).startsWith("HTTP/1.0 414").contains("8192 bytes");
        }
    }

    @Test
    void takes_the_large_headers_of_coding_agents() throws Exception {
        try (var wire = door.connect()) {
            wire.send(
                    TestDoor.post(
                            "/v1/chat/completions", "X-A: " + "a".repeat(60_000) + "\r\n", BODY));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void takes_a_request_that_comes_byte_by_byte() throws Exception {
        try (var wire = door.connect()) {
            for (var single : TestDoor.chat().getBytes(StandardCharsets.US_ASCII)) {
                wire.send(new byte[] {single});
            }
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
        }
        assertThat(door.nextSeen().request().model()).isEqualTo("gpt-x");
    }

    @Test
    void takes_a_chunked_body_and_the_next_request_behind_it() throws Exception {
        try (var wire = door.connect()) {
            wire.send(
                    START
                            + HOST
                            + "Transfer-Encoding: chunked\r\n\r\n5\r\n"
                            + BODY.substring(0, 5)
                            + "\r\n"
                            + Integer.toHexString(BODY.length() - 5)
                            + "\r\n"
                            + BODY.substring(5)
                            + "\r\n0\r\n\r\n"
                            + TestDoor.chat());
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
        }
        assertThat(door.nextSeen().request().body()).hasSize(BODY.length());
    }

    @Test
    void takes_a_large_body_whole() throws Exception {
        var text = "a".repeat(1024 * 1024 - 100);
        try (var wire = door.connect()) {
            wire.send(
                    TestDoor.post(
                            "/v1/embeddings",
                            "",
                            "{\"model\":\"gpt-x\",\"input\":\"" + text + "\"}"));
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
        }
        assertThat(new String(door.nextSeen().request().body(), StandardCharsets.US_ASCII))
                .isEqualTo("{\"model\":\"gpt-x\",\"input\":\"" + text + "\"}");
    }

    @Test
    void refuses_a_body_that_announces_too_much_before_it_comes() throws Exception {
        try (var wire = door.connect()) {
            wire.send(START + HOST + "Content-Length: 1048577\r\n\r\n");
            assertThat(wire.readToClose())
                    .startsWith("HTTP/1.1 413")
                    .contains("connection: close")
                    .contains("1048576 bytes");
        }
    }

    @Test
    void lets_a_client_read_why_its_huge_body_was_refused() throws Exception {
        try (var wire = door.connect()) {
            wire.send(START + HOST + "Content-Length: 20971520\r\n\r\n");
            wire.send(new byte[20 * 1024 * 1024]);
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 413");
        }
    }

    @Test
    void refuses_a_chunked_body_when_it_has_become_too_large() throws Exception {
        try (var wire = door.connect()) {
            wire.send(START + HOST + "Transfer-Encoding: chunked\r\n\r\n180000\r\n");
            wire.send(new byte[0x180000]);
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 413");
        }
        assertThat(door.seen).isEmpty();
    }

    @Test
    void takes_16_mebibytes_by_default() throws Exception {
        try (var defaults = new TestDoor(DoorSettings.DEFAULT, Anonymous.LOOPBACK);
                var wire = defaults.connect();
                var other = defaults.connect()) {
            wire.send(START + HOST + "Content-Length: 16777217\r\n\r\n");
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 413");
            var text = "a".repeat(16 * 1024 * 1024 - 100);
            other.send(
                    TestDoor.post(
                            "/v1/embeddings",
                            "",
                            "{\"model\":\"gpt-x\",\"input\":\"" + text + "\"}"));
            assertThat(other.readAnswer()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void does_not_wait_for_ever_for_a_body() throws Exception {
        try (var wire = door.connect()) {
            wire.send(START + HOST + "Content-Length: 31\r\n\r\n{\"mo");
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 408").contains("within 300 ms");
        }
    }

    @Test
    void asks_for_the_body_only_when_it_wants_it() throws Exception {
        try (var wire = door.connect()) {
            wire.send(START + HOST + "Expect: 100-continue\r\nContent-Length: 31\r\n\r\n");
            assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100");
            wire.send(BODY);
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 200");
        }
        try (var wire = door.connect()) {
            wire.send(START + HOST + "Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n");
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 413");
        }
        try (var wire = door.connect()) {
            wire.send(START + HOST + "Expect: 200-ok\r\nContent-Length: 31\r\n\r\n");
            assertThat(wire.readAnswer()).startsWith("HTTP/1.1 400").contains("100-continue");
        }
    }

    @Test
    void refuses_encoded_bodies() throws Exception {
        try (var wire = door.connect()) {
            wire.send(TestDoor.post("/v1/messages", "Content-Encoding: zstd\r\n", BODY));
            assertThat(wire.readAnswer())
                    .startsWith("HTTP/1.1 400")
                    .contains("content-encoding: zstd (expected: identity)");
        }
    }

    @Test
    void closes_http_1_0_connections_after_one_answer() throws Exception {
        try (var wire = door.connect()) {
            wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(wire.readToClose()).startsWith("HTTP/1.0 200");
        }
    }

    @Test
    void closes_connections_that_are_idle_or_send_a_head_drop_by_drop() throws Exception {
        var quick = TestDoor.QUICK;
        var settings =
                new DoorSettings(
                        quick.bodyBytesMax(),
                        quick.headerBytesMax(),
                        quick.firstLineBytesMax(),
                        quick.bodyTimeout(),
                        Duration.ofMillis(200),
                        quick.heartbeatAfter(),
                        quick.writeStallMax(),
                        quick.writeQueueBytes());
        try (var impatient = new TestDoor(settings, Anonymous.LOOPBACK);
                var idle = impatient.connect();
                var used = impatient.connect();
                var slow = impatient.connect()) {
            used.send(TestDoor.get("/health/live", ""));
            slow.send("GET / HTTP/1.1\r\nX-A: ");

            assertThat(used.readToClose()).startsWith("HTTP/1.1 200");
            assertThat(idle.readToClose()).isEmpty();
            assertThat(slow.readToClose()).isEmpty();
        }
    }

    @Test
    void lets_an_answer_take_longer_than_a_connection_may_be_idle() throws Exception {
        var quick = TestDoor.QUICK;
        var settings =
                new DoorSettings(
                        quick.bodyBytesMax(),
                        quick.headerBytesMax(),
                        quick.firstLineBytesMax(),
                        quick.bodyTimeout(),
                        Duration.ofMillis(50),
                        quick.heartbeatAfter(),
                        quick.writeStallMax(),
                        quick.writeQueueBytes());
        try (var impatient = new TestDoor(settings, Anonymous.LOOPBACK);
                var waiting = impatient.connect();
                var idle = impatient.connect()) {
            var stream = impatient.streams();
            waiting.send(TestDoor.chat());
            // That the idle connection is closed shows that the time is over.
            assertThat(idle.readToClose()).isEmpty();
            stream.emit("data: 1\n\n");
            assertThat(waiting.readUntil("data: 1\n\n\r\n")).startsWith("HTTP/1.1 200");
        }
    }

    /// Control characters have stand-ins in the table.
    private static String unmasked(String headers) {
        return headers.replace("~", "\r\n").replace('^', '\0').replace('`', '\r');
    }
}
