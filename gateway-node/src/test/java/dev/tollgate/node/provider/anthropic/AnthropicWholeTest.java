package dev.tollgate.node.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.tokens.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnthropicWholeTest {

    private static final String START =
            "{\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"type\":\"message\","
                    + "\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,"
                    + "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}";
    private static final String END =
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
                    + "\"usage\":{\"input_tokens\":null,\"output_tokens\":9}}";

    @Test
    void blocks_are_put_together() throws IOException {
        var whole =
                whole(
                        START,
                        "{\"type\":\"ping\"}",
                        block(0, "{\"type\":\"text\",\"text\":\"\"}"),
                        delta(0, "{\"type\":\"text_delta\",\"text\":\"Hé\"}"),
                        delta(0, "{\"type\":\"text_delta\",\"text\":\"llo\"}"),
                        delta(0, "{\"type\":\"citations_delta\",\"citation\":{\"a\":1}}"),
                        block(
                                1,
                                "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}"),
                        delta(1, "{\"type\":\"input_json_delta\",\"partial_json\":\"\"}"),
                        delta(
                                1,
                                "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"x\\\":\"}"),
                        delta(1, "{\"type\":\"input_json_delta\",\"partial_json\":\"1.50}\"}"),
                        END,
                        "{\"type\":\"message_stop\"}");

        assertThat(whole)
                .isEqualTo(
                        "{\"id\":\"m1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
                            + "\"content\":[{\"type\":\"text\",\"text\":\"Héllo\","
                            + "\"citations\":[{\"a\":1}]},{\"type\":\"tool_use\",\"id\":\"t\","
                            + "\"name\":\"f\",\"input\":{\"x\":1.50}}],\"stop_reason\":\"end_turn\","
                            + "\"usage\":{\"input_tokens\":3,\"output_tokens\":9}}");
    }

    @Test
    void a_tool_with_half_an_input_is_left_out() throws IOException {
        var whole =
                whole(
                        START,
                        block(
                                0,
                                "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}"),
                        delta(0, "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"x\"}"),
                        END);

        assertThat(whole).contains("\"content\":[]");
    }

    @Test
    void what_we_cannot_put_together_is_no_answer() {
        assertThatThrownBy(() ->
                        whole(
                                START,
                                block(0, "{\"type\":\"text\",\"text\":\"\"}"),
                                delta(0, "{\"type\":\"new_delta\"}")))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> whole(END)).isInstanceOf(IOException.class);
    }

    @Test
    void a_cut_closes_the_block_that_is_open() throws IOException {
        var cut = new AnthropicCut();
        for (var event :
                List.of(
                        START,
                        block(0, "{\"type\":\"text\",\"text\":\"\"}"),
                        "{\"type\":\"content_block_stop\",\"index\":0}")) {
            cut.passed(bytes(event));
        }

        assertThat(end(cut)).startsWith("event: message_delta\n");
        cut.passed(bytes(block(1, "{\"type\":\"text\",\"text\":\"\"}")));
        assertThat(end(cut))
                .isEqualTo(
                        "event: content_block_stop\n"
                                + "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
                                + "event: message_delta\n"
                                + "data: {\"type\":\"message_delta\",\"delta\":"
                                + "{\"stop_reason\":\"max_tokens\",\"stop_sequence\":null},"
                                + "\"usage\":{\"output_tokens\":4}}\n\n"
                                + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }

    private static String end(AnthropicCut cut) {
        return new String(cut.end(Usage.of(3, 4)), StandardCharsets.UTF_8);
    }

    private static String block(int index, String block) {
        return "{\"type\":\"content_block_start\",\"index\":%d,\"content_block\":%s}"
                .formatted(index, block);
    }

    private static String delta(int index, String delta) {
        return "{\"type\":\"content_block_delta\",\"index\":%d,\"delta\":%s}"
                .formatted(index, delta);
    }

    private static String whole(String... events) throws IOException {
        List<byte[]> data = Arrays.stream(events).map(AnthropicWholeTest::bytes).toList();
        return new String(AnthropicWhole.of(data), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
