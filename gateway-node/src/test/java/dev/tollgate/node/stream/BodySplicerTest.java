package dev.tollgate.node.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.ModelRequest.Place;
import dev.tollgate.path.ModelRequest.Places;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodySplicerTest {

    @Test
    void hands_back_the_same_bytes_when_nothing_is_edited() {
        var request = request("{\"model\":\"a\"}");

        assertThat(BodySplicer.splice(request, List.of())).isSameAs(request.body());
    }

    @Test
    void replaces_a_value_and_leaves_all_other_bytes_alone() {
        var request = request("{ \"mödel\" :1, \"model\" : \"gpt\\u002d4\" ,\"x\":[ ]} ");

        var spliced = splice(request, BodySplicer.model(request, "a\"bü\n"));

        assertThat(spliced).isEqualTo("{ \"mödel\" :1, \"model\" : \"a\\\"bü\\n\" ,\"x\":[ ]} ");
    }

    @Test
    void inserts_absent_fields_in_front() {
        var request = request("{\"model\":\"a\"}");

        var spliced =
                splice(
                        request,
                        BodySplicer.includeUsage(request),
                        BodySplicer.model(request, "b"),
                        BodySplicer.outputMax(request, "max_tokens", 7));

        assertThat(spliced)
                .isEqualTo(
                        "{\"stream_options\":{\"include_usage\":true},\"max_tokens\":7,"
                                + "\"model\":\"b\"}");
    }

    @Test
    void inserts_without_a_comma_into_an_empty_object() {
        var request = request("{ }");

        assertThat(splice(request, BodySplicer.outputMax(request, "max_tokens", 7)))
                .isEqualTo("{\"max_tokens\":7 }");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "null | {\"include_usage\":true}",
                "{} | {\"include_usage\":true}",
                "{ } | {\"include_usage\":true }",
                "{\"a\":{\"include_usage\":false}}"
                        + " | {\"include_usage\":true,\"a\":{\"include_usage\":false}}",
                "{\"a\":1.50, \"include_usage\" : false ,\"b\":\"ü\"}"
                        + " | {\"a\":1.50, \"include_usage\" : true ,\"b\":\"ü\"}",
                "{\"include_usage\":null} | {\"include_usage\":true}",
            })
    void merges_include_usage_into_the_options_given(String options, String merged) {
        var request = request("{\"model\":\"ü\",\"stream_options\":" + options + "}");

        assertThat(splice(request, BodySplicer.includeUsage(request)))
                .isEqualTo("{\"model\":\"ü\",\"stream_options\":" + merged + "}");
    }

    @Test
    void replaces_the_callers_limit_under_the_callers_name_for_it() {
        var request = request("{\"model\":\"a\",\"max_tokens\":100000}");

        assertThat(splice(request, BodySplicer.outputMax(request, "max_completion_tokens", 9)))
                .isEqualTo("{\"model\":\"a\",\"max_tokens\":9}");
    }

    private static String splice(ModelRequest request, Splice... splices) {
        return new String(BodySplicer.splice(request, List.of(splices)), UTF_8);
    }

    /// Finds the places of a flat body by searching its text.
    private static ModelRequest request(String body) {
        var places =
                new Places(
                        1,
                        body.substring(1).isBlank() || body.substring(1).strip().equals("}"),
                        place(body, "\"model\""),
                        place(body, "\"stream_options\""),
                        place(body, "\"max_tokens\""));
        return new ModelRequest(
                body.getBytes(UTF_8),
                "m",
                true,
                false,
                OptionalLong.empty(),
                1,
                0,
                0,
                0,
                false,
                "",
                places);
    }

    private static Place place(String body, String field) {
        var found = body.indexOf(field);
        if (found < 0) {
            return ModelRequest.ABSENT;
        }
        var from = found + field.length();
        while (body.charAt(from) == ' ' || body.charAt(from) == ':') {
            from++;
        }
        var depth = 0;
        var to = from;
        for (; depth > 0 || ",} ".indexOf(body.charAt(to)) < 0; to++) {
            depth += "{".indexOf(body.charAt(to)) >= 0 ? 1 : 0;
            depth -= "}".indexOf(body.charAt(to)) >= 0 ? 1 : 0;
        }
        return new Place(
                body.substring(0, from).getBytes(UTF_8).length,
                body.substring(0, to).getBytes(UTF_8).length);
    }
}
