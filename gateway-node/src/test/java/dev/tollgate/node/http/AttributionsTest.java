package dev.tollgate.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tollgate.problem.Problem.InvalidRequest;
import dev.tollgate.problem.Refusal;
import io.vertx.core.MultiMap;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttributionsTest {

    @Test
    void takes_headers_before_the_body() {
        var headers = headers("X-App-User-Id", " u1 ").add("X-Tollgate-Tags", "a=1,b = x=y,");

        var attribution = Attributions.of(headers, "u2", Map.of("a", "2", "c", "3"));

        assertThat(attribution.endUser()).isEqualTo("u1");
        assertThat(attribution.tags()).isEqualTo(Map.of("a", "1", "b", "x=y", "c", "3"));
    }

    @Test
    void takes_the_body_where_there_are_no_headers() {
        var attribution = Attributions.of(headers("x-app-user-id", ""), "u2", Map.of("a", "2"));

        assertThat(attribution.endUser()).isEqualTo("u2");
        assertThat(attribution.tags()).isEqualTo(Map.of("a", "2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Tollgate-Session",
                "x-claude-code-session-id",
                "session_id",
                "session-id"
            })
    void knows_the_session_by_the_names_agents_give_it(String name) {
        assertThat(Attributions.of(headers(name, "s1"), "", Map.of()).session()).isEqualTo("s1");
    }

    @Test
    void prefers_its_own_name_for_the_session() {
        var headers = headers("session_id", "theirs").add("X-Tollgate-Session", "ours");

        assertThat(Attributions.of(headers, "", Map.of()).session()).isEqualTo("ours");
    }

    @Test
    void keeps_to_the_most_tags_when_the_body_has_more() {
        var line =
                IntStream.range(0, 16)
                        .mapToObj(i -> "t" + i + "=x")
                        .collect(Collectors.joining(","));
        var bodyTags = new HashMap<>(Map.of("more", "y"));

        var tags = Attributions.of(headers("X-Tollgate-Tags", line), "", bodyTags).tags();

        assertThat(tags).hasSize(16).doesNotContainKey("more");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-tollgate-tags | novalue",
                "x-tollgate-tags | =x",
                "x-tollgate-tags | b d=x",
                "x-tollgate-tags | a=1,a=2",
                "x-tollgate-tags | a=x\u0001y",
                "x-app-user-id | a\u0007b",
                "x-tollgate-session | a\u0000b",
            })
    void refuses_what_is_malformed(String name, String value) {
        assertThat(refusal(headers(name, value)).field()).startsWith(name);
    }

    @Test
    void refuses_what_is_too_long_or_too_much() {
        assertThat(refusal(headers("x-app-user-id", "u".repeat(513))).value())
                .isEqualTo("513 characters");
        assertThat(refusal(headers("x-tollgate-tags", "a".repeat(65) + "=1")).field())
                .isEqualTo("x-tollgate-tags");
        var tooMany =
                IntStream.range(0, 17)
                        .mapToObj(i -> "t" + i + "=x")
                        .collect(Collectors.joining(","));
        assertThat(refusal(headers("x-tollgate-tags", tooMany)).value()).isEqualTo("17 tags");
    }

    private static InvalidRequest refusal(MultiMap headers) {
        var refusal =
                assertThatExceptionOfType(Refusal.class)
                        .isThrownBy(() -> Attributions.of(headers, "", Map.of()))
                        .actual();
        return (InvalidRequest) refusal.problem();
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }
}
