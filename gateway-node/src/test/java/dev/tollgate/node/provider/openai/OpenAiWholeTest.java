package dev.tollgate.node.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.tokens.Usage;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OpenAiWholeTest {

    private static final String HEAD =
            "\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\"";

    @Test
    void text_refusal_and_log_probabilities_are_joined() throws IOException {
        var whole =
                whole(
                        delta("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", null),
                        delta(
                                "{\"content\":\"Hé\"}",
                                "{\"content\":[{\"token\":\"H\",\"logprob\":-0.10,\"bytes\":[1]}],\"refusal\":null}"),
                        delta(
                                "{\"content\":\"llo\"}",
                                "{\"content\":[{\"token\":\"llo\",\"logprob\":-1e-9,\"bytes\":null}]}"),
                        delta("{\"refusal\":\"No\"}", null),
                        delta("{\"refusal\":\"pe\"}", null),
                        finish("stop"),
                        "{%s,\"choices\":[],\"usage\":{\"prompt_tokens\":1}}".formatted(HEAD),
                        "[DONE]");

        assertThat(whole)
                .isEqualTo(
                        "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":7,\"model\":\"m\","
                            + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                            + "\"content\":\"Héllo\",\"refusal\":\"Nope\"},"
                            + "\"logprobs\":{\"content\":[{\"token\":\"H\",\"logprob\":-0.10,"
                            + "\"bytes\":[1]},{\"token\":\"llo\",\"logprob\":-1e-9,\"bytes\":null}],"
                            + "\"refusal\":null},\"finish_reason\":\"stop\"}],"
                            + "\"usage\":{\"prompt_tokens\":1}}");
    }

    @Test
    void calls_are_joined_by_their_index() throws IOException {
        var whole =
                new JsonObject(
                        whole(
                                delta(
                                        "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\","
                                            + "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}",
                                        null),
                                delta(call(0, "{\\\"x\\\":")),
                                delta(
                                        "{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"type\":\"function\","
                                            + "\"function\":{\"name\":\"g\",\"arguments\":\"[\"}}]}",
                                        null),
                                delta(call(0, "1}")),
                                delta(call(1, "]")),
                                finish("tool_calls")));

        var message = whole.getJsonArray("choices").getJsonObject(0).getJsonObject("message");
        assertThat(message.getJsonArray("tool_calls").encode())
                .isEqualTo(
                        "[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\","
                            + "\"arguments\":\"{\\\"x\\\":1}\"}},{\"id\":\"b\",\"type\":\"function\","
                            + "\"function\":{\"name\":\"g\",\"arguments\":\"[]\"}}]");
        assertThat(message.getValue("content")).isNull();
    }

    @Test
    void fields_we_do_not_know_are_kept() throws IOException {
        var whole =
                new JsonObject(
                        whole(
                                delta("{\"reasoning_content\":\"a\",\"x\":1}", null),
                                delta("{\"reasoning_content\":\"b\",\"x\":2}", null),
                                "{%s,\"provider\":\"p\",\"choices\":[]}".formatted(HEAD),
                                finish("length")));

        assertThat(whole.getString("provider")).isEqualTo("p");
        var message = whole.getJsonArray("choices").getJsonObject(0).getJsonObject("message");
        assertThat(message.getString("reasoning_content")).isEqualTo("ab");
        assertThat(message.getInteger("x")).isEqualTo(2);
    }

    @Test
    void nothing_is_no_answer() {
        assertThatThrownBy(() -> whole("{%s,\"choices\":[]}".formatted(HEAD)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void a_cut_tells_usage_only_where_it_is_wanted() throws IOException {
        var first = bytes(delta("{\"role\":\"assistant\",\"content\":\"a\"}", null));
        var plain = new OpenAiCut(false);
        var told = new OpenAiCut(true);
        plain.passed(first);
        told.passed(first);

        assertThat(new String(plain.end(Usage.of(3, 4)), StandardCharsets.UTF_8))
                .isEqualTo(
                        "data: {%s,\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,"
                                        .formatted(HEAD)
                                + "\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n");
        assertThat(new String(told.end(Usage.of(3, 4)), StandardCharsets.UTF_8))
                .contains("\"finish_reason\":\"length\"}],\"usage\":null}")
                .contains(
                        "\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,"
                                + "\"total_tokens\":7}}\n\ndata: [DONE]\n\n");
    }

    private static String delta(String delta) {
        return delta(delta, null);
    }

    private static String delta(String delta, @Nullable String logprobs) {
        return "{%s,\"choices\":[{\"index\":0,\"delta\":%s,\"logprobs\":%s,\"finish_reason\":null}]}"
                .formatted(HEAD, delta, logprobs);
    }

    private static String call(int index, String arguments) {
        return "{\"tool_calls\":[{\"index\":%d,\"function\":{\"arguments\":\"%s\"}}]}"
                .formatted(index, arguments);
    }

    private static String finish(String reason) {
        return "{%s,\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}]}"
                .formatted(HEAD, reason);
    }

    private static String whole(String... events) throws IOException {
        List<byte[]> data = Arrays.stream(events).map(OpenAiWholeTest::bytes).toList();
        return new String(OpenAiWhole.of(data), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
