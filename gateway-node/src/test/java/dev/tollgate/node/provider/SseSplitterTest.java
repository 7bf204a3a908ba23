package dev.tollgate.node.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SseSplitterTest {

    record Case(String stream, List<String> events) {}

    static List<Case> cases() {
        return List.of(
                new Case("data: a\n\ndata: b\n\n", List.of("a", "b")),
                new Case("data: a\r\n\r\ndata: b\r\n\r\n", List.of("a", "b")),
                new Case("data: a\r\rdata: b\r\r", List.of("a", "b")),
                new Case("data: a\r\n\ndata: b\n\r\n", List.of("a", "b")),
                new Case("data: a\ndata: b\n\n", List.of("a\nb")),
                new Case("data: a\r\ndata\r\ndata: c\r\n\r\n", List.of("a\n\nc")),
                new Case("\uFEFFdata: a\n\n\uFEFFdata: b\n\n", List.of("a")),
                new Case(": ping\n\ndata: a\n\n:\n\n", List.of("a")),
                new Case("event: x\ndata:a\nid: 7\nretry: 1\n\n", List.of("a")),
                new Case("event: x\n\ndata:  a \n\n", List.of(" a ")),
                new Case("data: größer 漢字 😀\n\n", List.of("größer 漢字 😀")),
                new Case("database: no\ndata: yes\n\n", List.of("yes")),
                new Case("\n\n\r\n\rdata: a\n\n\n\n", List.of("a")),
                new Case("data:\n\n", List.of("")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void finds_the_same_events_wherever_the_stream_is_cut(Case each) {
        var bytes = each.stream().getBytes(StandardCharsets.UTF_8);

        assertThat(events(List.of(bytes))).isEqualTo(each.events());
        for (var cut = 0; cut <= bytes.length; cut++) {
            var parts =
                    List.of(
                            Arrays.copyOfRange(bytes, 0, cut),
                            Arrays.copyOfRange(bytes, cut, bytes.length));
            assertThat(events(parts)).as("cut at %d", cut).isEqualTo(each.events());
        }
        assertThat(events(single(bytes))).isEqualTo(each.events());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void puts_every_byte_into_one_event_or_between_two(Case each) {
        var bytes = each.stream().getBytes(StandardCharsets.UTF_8);
        var splitter = new SseSplitter();
        var seen = new ByteArrayOutputStream();

        for (var part : single(bytes)) {
            splitter.offer(part);
            while (splitter.next()) {
                assertThat(splitter.eventFrom()).isLessThan(splitter.boundary());
            }
            seen.write(splitter.bytes(), 0, splitter.boundary());
            splitter.settle();
        }

        assertThat(seen.toByteArray()).isEqualTo(bytes);
        assertThat(splitter.atBoundary()).isTrue();
    }

    @Test
    void takes_an_event_that_only_the_end_of_the_stream_ends() {
        var splitter = new SseSplitter();
        splitter.offer("data: a\n\ndata: b".getBytes(StandardCharsets.UTF_8));
        while (splitter.next()) {
            assertThat(data(splitter)).isEqualTo("a");
        }
        splitter.settle();

        assertThat(splitter.end()).isTrue();
        assertThat(data(splitter)).isEqualTo("b");
    }

    @Test
    void has_nothing_at_the_end_of_a_stream_that_ended_well() {
        var splitter = new SseSplitter();
        splitter.offer("data: a\n\n".getBytes(StandardCharsets.UTF_8));
        while (splitter.next()) {
            assertThat(splitter.atBoundary()).isTrue();
        }
        splitter.settle();

        assertThat(splitter.end()).isFalse();
    }

    @Test
    void keeps_an_event_of_megabytes_that_comes_in_small_pieces() {
        var event = "data: " + "x".repeat(3_000_000) + "\n\n";
        var bytes = event.getBytes(StandardCharsets.UTF_8);
        var parts = new ArrayList<byte[]>();
        for (var from = 0; from < bytes.length; from += 1_000) {
            parts.add(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + 1_000)));
        }

        assertThat(events(parts)).singleElement().asString().hasSize(3_000_000);
    }

    private static List<byte[]> single(byte[] bytes) {
        var parts = new ArrayList<byte[]>();
        for (var each : bytes) {
            parts.add(new byte[] {each});
        }
        return parts;
    }

    private static List<String> events(List<byte[]> parts) {
        var splitter = new SseSplitter();
        var events = new ArrayList<String>();
        for (var part : parts) {
            splitter.offer(part);
            while (splitter.next()) {
                events.add(data(splitter));
            }
            splitter.settle();
        }
        return events;
    }

    private static String data(SseSplitter splitter) {
        return new String(
                splitter.data(),
                splitter.dataFrom(),
                splitter.dataTo() - splitter.dataFrom(),
                StandardCharsets.UTF_8);
    }
}
