package dev.tollgate.node.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.node.provider.EventReader.Verdict;
import dev.tollgate.node.provider.Passes;
import dev.tollgate.tokens.Usage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AnthropicEventsTest {

    private static String event(String data) {
        return "event: x\ndata: " + data.replace('\'', '"') + "\n\n";
    }

    private static String start(String usage) {
        return event(
                "{'type':'message_start','message':{'id':'m','model':'claude-x','content':[],'usage':"
                        + usage
                        + "}}");
    }

    private static String delta(String usage) {
        return event(
                "{'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':"
                        + usage
                        + "}");
    }

    private static final String STOP = event("{'type':'message_stop'}");

    private static AnthropicEvents read(String stream) {
        var reader = new AnthropicEvents();
        Passes.relay(reader, stream);
        return reader;
    }

    @ParameterizedTest(name = "{0} then {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // message_start | message_delta | uncached, read, 5m, 1h, output, reasoning, audio,
                // image, calls
                "{'input_tokens':10,'output_tokens':1} | {'output_tokens':5} | 10 0 0 0 5 0 0 0 0",
                "{'input_tokens':10,'output_tokens':8} | {'output_tokens':5} | 10 0 0 0 5 0 0 0 0",
                "{'input_tokens':10,'cache_read_input_tokens':20,'cache_creation_input_tokens':30}"
                        + " | {'output_tokens':5} | 10 20 30 0 5 0 0 0 0",
                "{'input_tokens':10,'cache_creation_input_tokens':30,'cache_creation':{'ephemeral_5m_input_tokens':20,'ephemeral_1h_input_tokens':10}}"
                    + " | {'output_tokens':5} | 10 0 20 10 5 0 0 0 0",
                "{'input_tokens':10,'cache_creation':{'ephemeral_5m_input_tokens':20,'ephemeral_1h_input_tokens':10}}"
                    + " | {'output_tokens':5} | 10 0 20 10 5 0 0 0 0",
                "{'input_tokens':10} |"
                    + " {'input_tokens':12,'cache_read_input_tokens':3,'output_tokens':5} | 12 3 0"
                    + " 0 5 0 0 0 0",
                "{'input_tokens':10,'cache_read_input_tokens':3} |"
                    + " {'input_tokens':null,'cache_read_input_tokens':null,'output_tokens':5} | 10"
                    + " 3 0 0 5 0 0 0 0",
                "{'input_tokens':10} |"
                    + " {'output_tokens':5,'output_tokens_details':{'thinking_tokens':4}} | 10 0 0"
                    + " 0 5 4 0 0 0",
                "{'input_tokens':10} |"
                    + " {'output_tokens':5,'server_tool_use':{'web_search_requests':2,'web_fetch_requests':1}}"
                    + " | 10 0 0 0 5 0 0 0 3",
                "{'input_tokens':10,'server_tool_use':null,'service_tier':'priority'} |"
                    + " {'output_tokens':5,'iterations':[{'input_tokens':7}]} | 10 0 0 0 5 0 0 0 0",
                "{'input_tokens':0,'output_tokens':0} | {'output_tokens':0} | 0 0 0 0 0 0 0 0 0",
            })
    void overwrites_and_never_adds(String start, String delta, String classes) {
        var facts = read(start(start) + delta(delta) + STOP).facts(true);

        assertThat(facts.usage().usage()).contains(usage(classes));
        assertThat(facts.usage().anomaly()).isEmpty();
    }

    @ParameterizedTest(name = "{0} then {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'input_tokens':10,'output_tokens':1} | {} | usage.output_tokens: absent",
                "{'input_tokens':10,'output_tokens':1} | null | usage.output_tokens: absent",
                "{'output_tokens':1} | {'output_tokens':5} | usage.input_tokens: absent",
                "{'input_tokens':10} | {'output_tokens':-5} | usage.output_tokens: -5",
                "{'input_tokens':10} | {'output_tokens':'5'} | usage.output_tokens: not a whole"
                        + " number",
                "{'input_tokens':10} | {'output_tokens':5.5} | usage.output_tokens: not a whole"
                        + " number",
                "{'input_tokens':10} | {'output_tokens':200000000} | usage.output_tokens:"
                        + " 200000000",
                "{'input_tokens':10} |"
                        + " {'output_tokens':5,'output_tokens_details':{'thinking_tokens':6}} |"
                        + " usage.thinking_tokens: more than output_tokens",
                "{'input_tokens':10,'cache_creation_input_tokens':3,'cache_creation':{'ephemeral_5m_input_tokens':2,'ephemeral_1h_input_tokens':2}}"
                    + " | {'output_tokens':5} | usage.cache_creation: more than"
                    + " cache_creation_input_tokens",
            })
    void leaves_what_cannot_be_to_an_estimate(String start, String delta, String anomaly) {
        var facts = read(start(start) + delta(delta) + STOP).facts(true);

        assertThat(facts.usage().usage()).isEmpty();
        assertThat(facts.usage().anomaly()).isEqualTo(anomaly);
    }

    @Test
    void takes_the_last_of_several_cumulative_deltas() {
        var stream =
                start("{'input_tokens':10,'output_tokens':1}")
                        + delta("{'output_tokens':5}")
                        + delta("{'output_tokens':9}")
                        + STOP;

        assertThat(read(stream).facts(true).usage().usage()).contains(Usage.of(10, 9));
    }

    @Test
    void never_takes_the_placeholder_of_the_start() {
        var facts = read(start("{'input_tokens':10,'output_tokens':7}")).facts(false);

        assertThat(facts.usage().usage()).isEmpty();
        assertThat(facts.inputKnown()).contains(Usage.of(10, 0));
        assertThat(facts.servedModel()).isEqualTo("claude-x");
    }

    @Test
    void knows_the_usage_of_a_finished_message_whose_mark_never_came() {
        var facts = read(start("{'input_tokens':10}") + delta("{'output_tokens':5}")).facts(false);

        assertThat(facts.usage().usage()).contains(Usage.of(10, 5));
    }

    @Test
    void gathers_everything_the_model_has_written() {
        var reader =
                read(
                        event(
                                        "{'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'i','name':'f','input':{}}}")
                                + event(
                                        "{'type':'content_block_delta','delta':{'type':'input_json_delta','partial_json':'1'}}")
                                + event(
                                        "{'type':'content_block_delta','delta':{'type':'text_delta','text':'2'}}")
                                + event(
                                        "{'type':'content_block_delta','delta':{'type':'thinking_delta','thinking':'3'}}")
                                + event(
                                        "{'type':'content_block_delta','delta':{'type':'signature_delta','signature':'no'}}"));

        assertThat(reader.facts(false).text()).isEqualTo("f123");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void relays_the_same_bytes_wherever_the_stream_is_cut(String end) {
        var stream =
                (start("{'input_tokens':10,'output_tokens':1}")
                                + ": ping\n\n"
                                + event(
                                        "{'type':'content_block_delta','delta':{'type':'text_delta','text':'größe"
                                            + " 😀'}}")
                                + delta("{'output_tokens':5}")
                                + STOP)
                        .replace("\n", end);
        for (var chunks : Passes.cuts(stream)) {
            var reader = new AnthropicEvents();

            var relayed = Passes.relay(reader, chunks);

            assertThat(relayed.text()).isEqualTo(stream);
            assertThat(relayed.last()).isEqualTo(Verdict.COMPLETE);
            assertThat(reader.facts(true).usage().usage()).contains(Usage.of(10, 5));
            assertThat(reader.facts(true).text()).isEqualTo("größe 😀");
        }
    }

    @Test
    void lets_events_of_tomorrow_pass() {
        var stream = event("{'type':'message_sigh','delta':[1],'usage':3}") + STOP;

        var relayed = Passes.relay(new AnthropicEvents(), stream);

        assertThat(relayed.text()).isEqualTo(stream);
        assertThat(relayed.last()).isEqualTo(Verdict.COMPLETE);
    }

    private static Usage usage(String classes) {
        var each = Arrays.stream(classes.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        return new Usage(
                each[0], each[1], each[2], each[3], each[4], each[5], each[6], each[7], each[8]);
    }
}
