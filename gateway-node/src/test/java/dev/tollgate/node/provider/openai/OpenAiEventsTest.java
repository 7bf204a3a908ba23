package dev.tollgate.node.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.node.provider.EventReader.Verdict;
import dev.tollgate.node.provider.Passes;
import dev.tollgate.tokens.Usage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OpenAiEventsTest {

    private static final String USAGE =
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}";

    private static String delta(String text, String tail) {
        return "{\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\""
                + text
                + "\"}}]"
                + tail
                + "}";
    }

    private static String stream(String end, boolean usageShown) {
        var told = usageShown ? ",\"usage\":null" : "";
        var usage = usageShown ? "data: " + USAGE + end + end : "";
        return "data: "
                + delta("größe ", told)
                + end
                + end
                + ": still here"
                + end
                + end
                + "data: "
                + delta("😀 \\u00e9", told)
                + end
                + end
                + usage
                + "data: [DONE]"
                + end
                + end;
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void relays_the_same_bytes_wherever_the_stream_is_cut(String end) {
        for (var chunks : Passes.cuts(stream(end, true))) {
            var reader = new OpenAiEvents(true);

            var relayed = Passes.relay(reader, chunks);

            assertThat(relayed.text()).isEqualTo(stream(end, false));
            assertThat(relayed.last()).isEqualTo(Verdict.COMPLETE);
            assertThat(reader.facts(true).usage().usage()).contains(Usage.of(9, 4));
            assertThat(reader.facts(true).text()).isEqualTo("größe 😀 é");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void touches_nothing_for_callers_who_asked(String end) {
        for (var chunks : Passes.cuts(stream(end, true))) {
            var relayed = Passes.relay(new OpenAiEvents(false), chunks);

            assertThat(relayed.text()).isEqualTo(stream(end, true));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"choices\":[{}],\"usage\":null}          | {\"choices\":[{}]}",
                "{\"usage\":null,\"choices\":[{}]}          | {\"choices\":[{}]}",
                "{\"choices\":[{}] , \"usage\" : null , \"a\":1} | {\"choices\":[{}]  , \"a\":1}",
                "{\"usage\":null}                           | {}",
                "{\"choices\":[{\"usage\":null}]}           | {\"choices\":[{\"usage\":null}]}",
                "{\"choices\":[{\"x\":\",\\\"usage\\\":null\"}]} |"
                        + " {\"choices\":[{\"x\":\",\\\"usage\\\":null\"}]}",
                "{\"choices\":[{}],\"usage\":{\"prompt_tokens\":1}} |"
                        + " {\"choices\":[{}],\"usage\":{\"prompt_tokens\":1}}",
                "{\"choices\":[],\"prompt_filter_results\":[],\"usage\":null} |"
                        + " {\"choices\":[],\"prompt_filter_results\":[]}",
            })
    void cuts_only_the_null_we_caused(String sent, String relayed) {
        var result = Passes.relay(new OpenAiEvents(true), "data: " + sent + "\n\n");

        assertThat(result.text()).isEqualTo("data: " + relayed + "\n\n");
    }

    @Test
    void ends_at_the_mark_whatever_comes_behind_it() {
        var relayed = Passes.relay(new OpenAiEvents(true), "data: [DONE]\n\ndata: {\"x\":1}\n\n");

        assertThat(relayed.text()).isEqualTo("data: [DONE]\n\n");
        assertThat(relayed.last()).isEqualTo(Verdict.COMPLETE);
    }

    @Test
    void passes_the_providers_error_on_as_the_last_event() {
        var error = "data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n";

        var relayed = Passes.relay(new OpenAiEvents(true), error + "data: {}\n\n");

        assertThat(relayed.text()).isEqualTo(error);
        assertThat(relayed.last()).isEqualTo(Verdict.FAILED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"oops", "[]", "{\"choices\":[{}", "{} {", "\"text\"", "12"})
    void stops_before_what_is_no_chunk(String garbage) {
        var good = "data: " + delta("a", "") + "\n\n";

        var relayed = Passes.relay(new OpenAiEvents(false), good + "data: " + garbage + "\n\n");

        assertThat(relayed.fault()).isNotEmpty();
        assertThat(relayed.text()).isEqualTo(good);
    }

    @Test
    void takes_the_usage_of_the_end_and_not_one_told_along_the_way() {
        var along =
                "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}";
        var reader = new OpenAiEvents(true);

        Passes.relay(reader, "data: " + along + "\n\n");
        var midway = reader.facts(false).usage();
        Passes.relay(reader, "data: " + USAGE + "\n\n");

        assertThat(midway.usage()).isEmpty();
        assertThat(midway.anomaly()).isEmpty();
        assertThat(reader.facts(false).usage().usage()).contains(Usage.of(9, 4));
    }

    @Test
    void gathers_everything_the_model_has_written() {
        var reader = new OpenAiEvents(false);
        Passes.relay(
                reader,
                "data:"
                    + " {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"reasoning_content\":\"r\",\"tool_calls\":[{\"id\":\"i\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}],\"refusal\":\"no\"},\"logprobs\":{\"content\":[{\"token\":\"t\"}]}}]}\n\n");

        assertThat(reader.facts(false).text()).isEqualTo("rf{}no");
        assertThat(reader.facts(false).begun()).isTrue();
    }
}
