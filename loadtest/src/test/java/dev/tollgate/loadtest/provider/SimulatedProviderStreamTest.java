package dev.tollgate.loadtest.provider;

import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.streams;
import static dev.tollgate.loadtest.provider.Behaviour.usesToolThenReplies;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What both dialects say, event by event, and what is billed for it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SimulatedProviderStreamTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "/v1/messages";

    private final HttpClient client = HttpClient.newHttpClient();
    private SimulatedProvider provider;

    @BeforeAll
    void start() {
        provider = SimulatedProvider.start();
    }

    @AfterAll
    void stop() {
        client.close();
        provider.close();
    }

    @BeforeEach
    void forget() {
        provider.forget();
    }

    @Test
    void openai_streams_are_well_formed_at_every_chunk() throws Exception {
        provider.always(replies("Hello, world: \"quoted\"\nand é€😀."));

        var events = events(post(CHAT, body("gpt-4o", true, "")).body());

        var text = new StringBuilder();
        assertThat(events.getLast()).isEqualTo(new Event("", "[DONE]"));
        for (var event : events.subList(0, events.size() - 1)) {
            var chunk = JSON.readTree(event.data());
            assertThat(chunk.path("object").asText()).isEqualTo("chat.completion.chunk");
            assertThat(chunk.path("id").asText()).startsWith("chatcmpl-");
            assertThat(chunk.path("model").asText()).isEqualTo("gpt-4o");
            assertThat(chunk.has("usage")).isFalse();
            text.append(chunk.path("choices").path(0).path("delta").path("content").asText(""));
        }
        assertThat(text).hasToString("Hello, world: \"quoted\"\nand é€😀.");
    }

    @Test
    void openai_sends_usage_in_a_last_chunk_only_when_asked() throws Exception {
        var include = ",\"stream_options\":{\"include_usage\":true}";

        var events = events(post(CHAT, body("gpt-4o", true, include)).body());

        var usage = JSON.readTree(events.get(events.size() - 2).data());
        assertThat(usage.path("choices").isEmpty()).isTrue();
        assertThat(usage.path("usage").path("completion_tokens").asLong())
                .isEqualTo(provider.bill().getFirst().tokens().output());
        var first = JSON.readTree(events.getFirst().data());
        assertThat(first.has("usage") && first.path("usage").isNull()).isTrue();
        assertThat(provider.bill().getFirst().usageReported()).isTrue();
    }

    @Test
    void anthropic_streams_carry_the_whole_sequence_of_events() throws Exception {
        provider.always(streams(List.of("one ", "two ", "three"), Duration.ZERO));

        var events = events(post(MESSAGES, body("claude-haiku-4-5", true, "")).body());

        assertThat(events.stream().map(Event::name))
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "ping",
                        "content_block_delta",
                        "content_block_delta",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        for (var event : events) {
            assertThat(JSON.readTree(event.data()).path("type").asText()).isEqualTo(event.name());
        }
        var opening = JSON.readTree(events.getFirst().data()).path("message").path("usage");
        assertThat(opening.path("output_tokens").asLong()).isEqualTo(1);
        var closing = JSON.readTree(events.get(7).data());
        assertThat(closing.path("delta").path("stop_reason").asText()).isEqualTo("end_turn");
        assertThat(closing.path("usage").path("output_tokens").asLong())
                .isEqualTo(provider.bill().getFirst().tokens().output());
    }

    @Test
    void the_same_answer_costs_the_same_whole_and_streamed() throws Exception {
        provider.always(replies("The same words every time, whatever the form."));

        post(MESSAGES, body("claude-sonnet-4-5", true, ""));
        post(MESSAGES, body("claude-sonnet-4-5", false, ""));

        var bill = provider.bill();
        assertThat(bill.get(0).tokens()).isEqualTo(bill.get(1).tokens());
        assertThat(bill.get(0).costPicoUsd()).isEqualTo(bill.get(1).costPicoUsd()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "7,7", "40,40"})
    void never_says_more_than_the_requested_maximum(int max, int expectedMost) throws Exception {
        provider.always(generates());

        for (int i = 0; i < 20; i++) {
            var answer = json(post(CHAT, bodyOf("gpt-4o", max, false, "")).body());
            var usage = answer.path("usage");

            assertThat(usage.path("completion_tokens").asInt()).isBetween(1, expectedMost);
        }
        var outputs = provider.bill().stream().map(line -> line.tokens().output()).distinct();
        assertThat(outputs.count()).isGreaterThan(max == 1 ? 0 : 3);
    }

    @Test
    void cuts_a_scripted_text_at_the_maximum_and_says_so() throws Exception {
        provider.always(replies("many words ".repeat(50)));

        var openai = json(post(CHAT, bodyOf("gpt-4o", 5, false, "")).body());
        var anthropic = json(post(MESSAGES, bodyOf("claude-haiku-4-5", 5, false, "")).body());

        var choice = openai.path("choices").path(0);
        assertThat(choice.path("finish_reason").asText()).isEqualTo("length");
        assertThat(anthropic.path("stop_reason").asText()).isEqualTo("max_tokens");
        assertThat(provider.bill()).allMatch(line -> line.tokens().output() == 5);
    }

    @Test
    void answers_n_choices_and_bills_them_all() throws Exception {
        provider.always(replies("Twice"));

        var one = json(post(CHAT, body("gpt-4o", false, "")).body());
        var three = json(post(CHAT, body("gpt-4o", false, ",\"n\":3")).body());

        assertThat(three.path("choices")).hasSize(3);
        assertThat(three.path("usage").path("completion_tokens").asLong())
                .isEqualTo(3 * one.path("usage").path("completion_tokens").asLong());
    }

    @Test
    void a_tool_conversation_calls_the_tool_and_then_replies() throws Exception {
        provider.always(usesToolThenReplies("Bash", "{\"command\":\"ls -la\"}", "Done."));
        var tools = ",\"tools\":[{\"name\":\"Bash\",\"input_schema\":{\"type\":\"object\"}}]";

        var call = events(post(MESSAGES, body("claude-haiku-4-5", true, tools)).body());
        var input = new StringBuilder();
        for (var event : call) {
            var delta = JSON.readTree(event.data()).path("delta");
            input.append(delta.path("partial_json").asText(""));
        }
        var start = JSON.readTree(call.get(1).data()).path("content_block");
        var result =
                """
                {"model":"claude-haiku-4-5","max_tokens":50,"messages":[
                 {"role":"user","content":"list"},
                 {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{}}]},
                 {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"a b"},
                                           {"type":"text","text":"a reminder"}]}]%s}
                """
                        .formatted(tools);
        var reply = json(post(MESSAGES, result).body());

        assertThat(start.path("name").asText()).isEqualTo("Bash");
        assertThat(input).hasToString("{\"command\":\"ls -la\"}");
        assertThat(reply.path("content").path(0).path("text").asText()).isEqualTo("Done.");
        assertThat(reply.path("stop_reason").asText()).isEqualTo("end_turn");
    }

    @Test
    void openai_tool_calls_stream_their_arguments() throws Exception {
        provider.always(usesToolThenReplies("sum", "{\"a\":1,\"b\":22}", "23"));
        var tools = ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"sum\"}}]";

        var events = events(post(CHAT, body("gpt-4o", true, tools)).body());

        var arguments = new StringBuilder();
        var finish = "";
        for (var event : events.subList(0, events.size() - 1)) {
            var choice = JSON.readTree(event.data()).path("choices").path(0);
            var function = choice.path("delta").path("tool_calls").path(0).path("function");
            arguments.append(function.path("arguments").asText(""));
            finish = choice.path("finish_reason").asText("");
        }
        assertThat(arguments).hasToString("{\"a\":1,\"b\":22}");
        assertThat(finish).isEqualTo("tool_calls");
    }

    @Test
    void reasoning_is_a_part_of_output_and_cached_input_a_part_of_input() throws Exception {
        provider.always(replies("Short").reasons(100).cached(0.5, 0.25, 0));

        var openai = json(post(CHAT, body("gpt-5", false, "")).body()).path("usage");
        var anthropic =
                json(post(MESSAGES, body("claude-opus-4-5", false, "")).body()).path("usage");

        assertThat(openai.at("/completion_tokens_details/reasoning_tokens").asLong())
                .isEqualTo(100);
        assertThat(openai.path("completion_tokens").asLong()).isGreaterThan(100);
        var bill = provider.bill();
        assertThat(openai.path("prompt_tokens").asLong()).isEqualTo(bill.get(0).tokens().input());
        assertThat(openai.at("/prompt_tokens_details/cached_tokens").asLong())
                .isEqualTo(bill.get(0).tokens().cacheRead())
                .isPositive();
        assertThat(
                        anthropic.path("input_tokens").asLong()
                                + anthropic.path("cache_read_input_tokens").asLong()
                                + anthropic.path("cache_creation_input_tokens").asLong())
                .isEqualTo(bill.get(1).tokens().input());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MISSING     | ",
                "NULL        | null",
                "ZERO        | 0",
                "NEGATIVE    | -",
                "HUGE        | 9223372036854775807",
                "OVERFLOWING | 123456789012345678901234567890",
                "WRONG_TYPE  | lots"
            })
    void tells_absurd_usage_and_bills_the_truth(UsageReport report, String expected)
            throws Exception {
        provider.always(replies("Hello").reports(report));

        for (var path : List.of(CHAT, MESSAGES)) {
            var usage = json(post(path, body("gpt-4o", false, "")).body()).path("usage");

            assertThat(usage.isMissingNode()).isEqualTo(report == UsageReport.MISSING);
            assertThat(usage.toString()).contains(expected == null ? "" : expected);
        }
        assertThat(provider.bill()).allMatch(line -> line.tokens().output() > 0);
        assertThat(provider.bill()).noneMatch(BillLine::usageReported);
    }

    @Test
    void embeddings_come_as_numbers_and_as_base64_alike() throws Exception {
        var numbers = embeddings("");
        var base64 = embeddings(",\"encoding_format\":\"base64\"");

        var bytes = Base64.getDecoder().decode(base64.path("embedding").asText());
        var floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        assertThat(floats.remaining()).isEqualTo(8);
        for (int i = 0; i < 8; i++) {
            assertThat(numbers.path("embedding").path(i).floatValue()).isEqualTo(floats.get(i));
        }
        assertThat(provider.bill()).allMatch(line -> line.tokens().output() == 0);
    }

    private JsonNode embeddings(String more) throws Exception {
        var body =
                "{\"model\":\"text-embedding-3-small\",\"input\":[\"a\",\"b\"],\"dimensions\":8"
                        + more
                        + "}";
        var answer = json(post("/v1/embeddings", body).body());
        assertThat(answer.path("data")).hasSize(2);
        return answer.path("data").path(1);
    }

    @Test
    void counted_tokens_are_the_billed_input() throws Exception {
        var body = body("claude-haiku-4-5", false, "");

        var counted = json(post("/v1/messages/count_tokens", body).body());
        post(MESSAGES, body);

        assertThat(counted.path("input_tokens").asLong())
                .isEqualTo(provider.bill().getFirst().tokens().input());
        assertThat(provider.modelCalls()).hasSize(1);
        assertThat(provider.seen()).hasSize(2);
    }

    @Test
    void rules_come_before_the_queue_and_the_queue_before_the_default() throws Exception {
        provider.always(replies("default"))
                .then(replies("queued"))
                .when(seen -> seen.model().name().equals("gpt-5"), replies("ruled"));

        assertThat(post(CHAT, body("gpt-5", false, "")).body()).contains("ruled");
        assertThat(post(CHAT, body("gpt-4o", false, "")).body()).contains("queued");
        assertThat(post(CHAT, body("gpt-4o", false, "")).body()).contains("default");
    }

    @Test
    void records_headers_and_body_as_they_came_and_bills_under_the_callers_id() throws Exception {
        var body = body("gpt-4o", false, ",\"unknown\":[1,2]");

        post(CHAT, body);

        var seen = provider.seen().getFirst();
        assertThat(seen.body().toString()).isEqualTo(body);
        assertThat(seen.header("x-request-id")).contains("gateway-1");
        assertThat(provider.bill().getFirst().gatewayRequestId()).isEqualTo("gateway-1");
        assertThat(client.send(get("/bill"), BodyHandlers.ofString()).body())
                .isEqualTo(provider.bill().getFirst().toJson() + "\n");
    }

    private static String body(String model, boolean stream, String more) {
        return bodyOf(model, 400, stream, more);
    }

    private static String bodyOf(String model, int max, boolean stream, String more) {
        return "{\"model\":\"%s\",\"max_tokens\":%d,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
                .formatted(model, max, stream, "Say something, please. ".repeat(10), more);
    }

    private static JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }

    private HttpResponse<String> post(String path, String body)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(URI.create(provider.origin() + path))
                        .header("x-request-id", "gateway-1")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private HttpRequest get(String path) {
        return HttpRequest.newBuilder(URI.create(provider.origin() + path)).build();
    }

    private record Event(String name, String data) {}

    private static List<Event> events(String stream) {
        assertThat(stream).endsWith("\n\n");
        var events = new ArrayList<Event>();
        for (var block : stream.split("\n\n", -1)) {
            var name = "";
            var data = "";
            for (var line : block.split("\n", -1)) {
                if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data = line.substring(6);
                }
            }
            if (!data.isEmpty()) {
                events.add(new Event(name, data));
            }
        }
        return events;
    }
}
