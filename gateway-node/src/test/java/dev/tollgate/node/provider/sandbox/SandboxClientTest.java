package dev.tollgate.node.provider.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.node.provider.Requests;
import dev.tollgate.node.provider.Rig;
import dev.tollgate.path.Exchange;
import dev.tollgate.problem.Problem.InvalidRequest;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.TokenCounter;
import dev.tollgate.tokens.Usage;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SandboxClientTest {

    private static final Rig RIG = new Rig();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SandboxClient CLIENT =
            new SandboxClient(RIG.vertx, new TokenCounter(), System::nanoTime);
    private static final String ECHO = "This is sandbox/echo. You said: Hello there!";

    @AfterAll
    static void close() {
        RIG.close();
    }

    private static Exchange ask(Endpoint endpoint, String more) {
        var body =
                "{\"model\":\"sandbox/echo\",\"n\":1,\"messages\":["
                    + "{\"role\":\"user\",\"content\":\"First\"},"
                    + "{\"role\":\"assistant\",\"content\":\"Yes?\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hello"
                    + " there!\"}]}]"
                        + more
                        + "}";
        return Requests.to(endpoint, "http://sandbox.invalid/v1", "sandbox").with(body);
    }

    private static JsonNode whole(Exchange exchange) throws IOException {
        return JSON.readTree(Rig.body(RIG.reply(CLIENT, exchange)));
    }

    /// The data of the events, but for the last mark of OpenAI's.
    private static List<JsonNode> events(String stream) throws IOException {
        var events = new ArrayList<JsonNode>();
        for (var line : stream.split("\n", -1)) {
            if (line.startsWith("data: {")) {
                events.add(JSON.readTree(line.substring("data: ".length())));
            }
        }
        return events;
    }

    @Test
    void answers_a_chat_with_the_last_words_of_the_user() throws IOException {
        var reply = RIG.reply(CLIENT, ask(Endpoint.CHAT_COMPLETIONS, ""));

        var json = JSON.readTree(Rig.body(reply));
        assertThat(json.path("object").asText()).isEqualTo("chat.completion");
        assertThat(json.at("/choices/0/message/content").asText()).isEqualTo(ECHO);
        assertThat(json.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        var usage = Rig.outcome(reply).report().usage().orElseThrow();
        assertThat(usage.input()).isPositive().isEqualTo(json.at("/usage/prompt_tokens").asLong());
        assertThat(usage.output())
                .isPositive()
                .isEqualTo(json.at("/usage/completion_tokens").asLong());
    }

    @Test
    void streams_a_chat_that_adds_up_to_the_whole() throws IOException {
        var received = RIG.stream(CLIENT, ask(Endpoint.CHAT_COMPLETIONS, ",\"stream\":true"));

        var text = new StringBuilder();
        for (var event : events(received.text())) {
            assertThat(event.path("choices")).hasSize(1);
            assertThat(event.has("usage")).isFalse();
            text.append(event.at("/choices/0/delta/content").asText(""));
        }
        assertThat(text).hasToString(ECHO);
        assertThat(received.text()).endsWith("data: [DONE]\n\n");
        assertThat(received.report().completion()).isEqualTo(Completion.COMPLETE);
        assertThat(received.report().deliveredText()).isEqualTo(ECHO);
    }

    @Test
    void tells_the_usage_of_a_stream_when_asked() throws IOException {
        var received =
                RIG.stream(
                        CLIENT,
                        ask(
                                Endpoint.CHAT_COMPLETIONS,
                                ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        var events = events(received.text());
        assertThat(events.getFirst().path("usage").isNull()).isTrue();
        assertThat(events.getLast().path("choices")).isEmpty();
        assertThat(events.getLast().at("/usage/completion_tokens").asLong())
                .isEqualTo(received.report().usage().orElseThrow().output());
    }

    @Test
    void answers_a_message() throws IOException {
        var json = whole(ask(Endpoint.MESSAGES, ",\"max_tokens\":100,\"system\":\"Be brief.\""));

        assertThat(json.path("type").asText()).isEqualTo("message");
        assertThat(json.at("/content/0/text").asText()).isEqualTo(ECHO);
        assertThat(json.path("stop_reason").asText()).isEqualTo("end_turn");
        assertThat(json.at("/usage/output_tokens").asLong()).isPositive();
    }

    @Test
    void streams_a_message_that_adds_up_to_the_whole() throws IOException {
        var received =
                RIG.stream(CLIENT, ask(Endpoint.MESSAGES, ",\"max_tokens\":100,\"stream\":true"));

        var text = new StringBuilder();
        var types = new ArrayList<String>();
        for (var event : events(received.text())) {
            types.add(event.path("type").asText());
            text.append(event.at("/delta/text").asText(""));
        }
        assertThat(text).hasToString(ECHO);
        assertThat(types).startsWith("message_start", "content_block_start", "ping");
        assertThat(types).endsWith("content_block_stop", "message_delta", "message_stop");
        assertThat(received.report().usage().orElseThrow().output())
                .isEqualTo(
                        events(received.text())
                                .get(types.indexOf("message_delta"))
                                .at("/usage/output_tokens")
                                .asLong());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 7})
    void never_says_more_than_it_may(long max) throws IOException {
        var chat = whole(ask(Endpoint.CHAT_COMPLETIONS, ",\"max_tokens\":" + max));
        var message = whole(ask(Endpoint.MESSAGES, ",\"max_tokens\":" + max));

        assertThat(chat.at("/usage/completion_tokens").asLong()).isBetween(1L, max);
        assertThat(chat.at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(message.at("/usage/output_tokens").asLong()).isBetween(1L, max);
        assertThat(message.path("stop_reason").asText()).isEqualTo("max_tokens");
    }

    @Test
    void keeps_to_what_the_budgets_left() throws IOException {
        var exchange = ask(Endpoint.CHAT_COMPLETIONS, ",\"max_tokens\":100").clampedTo(2);

        assertThat(whole(exchange).at("/usage/completion_tokens").asLong()).isBetween(1L, 2L);
    }

    @Test
    void counts_the_tokens_of_a_message_at_no_cost() throws IOException {
        var reply = RIG.reply(CLIENT, ask(Endpoint.COUNT_TOKENS, ""));

        assertThat(JSON.readTree(Rig.body(reply)).path("input_tokens").asLong()).isPositive();
        assertThat(Rig.outcome(reply).report().usage()).contains(Usage.NONE);
    }

    private static Exchange embed(String fields) {
        return Requests.to(Endpoint.EMBEDDINGS, "http://sandbox.invalid/v1", "sandbox")
                .with("{\"model\":\"sandbox/echo\"," + fields + "}");
    }

    @Test
    void embeds_the_same_text_as_the_same_vector_of_length_one() throws IOException {
        var json = whole(embed("\"input\":[\"a\",\"b\",\"a\"]"));

        var data = json.path("data");
        assertThat(data).hasSize(3);
        assertThat(data.get(0).path("embedding"))
                .hasSize(256)
                .isEqualTo(data.get(2).path("embedding"));
        assertThat(data.get(0).path("embedding")).isNotEqualTo(data.get(1).path("embedding"));
        var square = 0.0;
        for (var each : data.get(0).path("embedding")) {
            square += each.asDouble() * each.asDouble();
        }
        assertThat(square).isBetween(0.999, 1.001);
        assertThat(json.at("/usage/prompt_tokens").asLong()).isEqualTo(3);
    }

    @Test
    void embeds_as_base64_what_it_embeds_as_numbers() throws IOException {
        var numbers = whole(embed("\"input\":\"a\",\"dimensions\":8")).at("/data/0/embedding");
        var base64 =
                whole(embed("\"input\":\"a\",\"dimensions\":8,\"encoding_format\":\"base64\""))
                        .at("/data/0/embedding");

        var bytes =
                ByteBuffer.wrap(Base64.getDecoder().decode(base64.asText()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(numbers).hasSize(8);
        for (var each : numbers) {
            assertThat(bytes.getFloat()).isEqualTo((float) each.asDouble());
        }
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"input\":[]",
                "\"input\":7",
                "\"input\":\"a\",\"dimensions\":0",
                "\"x\":1"
            })
    void refuses_embeddings_of_nothing(String fields) {
        assertThat(RIG.refusal(CLIENT, embed(fields)).problem()).isInstanceOf(InvalidRequest.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Endpoint.class,
            names = {"CHAT_COMPLETIONS", "MESSAGES", "COUNT_TOKENS"})
    void refuses_a_conversation_without_messages(Endpoint endpoint) {
        var exchange =
                Requests.to(endpoint, "http://sandbox.invalid/v1", "sandbox")
                        .with("{\"model\":\"sandbox/echo\",\"messages\":[]}");

        assertThat(RIG.refusal(CLIENT, exchange).problem()).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void settles_for_what_was_sent_when_the_client_leaves() {
        var left = Promise.<Void>promise();
        var exchange =
                Requests.to(Endpoint.MESSAGES, "http://sandbox.invalid/v1", "sandbox")
                        .left(left.future())
                        .with(
                                "{\"max_tokens\":100,\"stream\":true,"
                                        + "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

        var received =
                RIG.read(
                        RIG.reply(CLIENT, exchange),
                        stream -> stream.fetch(5),
                        all ->
                                _ -> {
                                    if (all.toString().contains(" is")) {
                                        left.tryComplete();
                                    }
                                });

        assertThat(received.report().completion()).isEqualTo(Completion.CLIENT_LEFT);
        assertThat(received.report().deliveredText()).isEqualTo("This is");
        assertThat(received.report().usage().orElseThrow().output()).isEqualTo(2);
    }
}
