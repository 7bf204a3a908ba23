package dev.tollgate.node.provider.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.path.Exchange;
import dev.tollgate.problem.Problem.InvalidRequest;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Usage;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// The sandbox's answers in OpenAI's shapes.
final class OpenAiShapes {

    private static final int DIMENSIONS = 256;
    private static final int DIMENSIONS_MAX = 4_096;
    private static final int INPUTS_MAX = 2_048;

    private OpenAiShapes() {}

    static Composed chat(Exchange exchange, SandboxModel model) {
        var conversation = Conversation.of(exchange);
        var echo = model.answer(exchange, conversation.lastOfUser());
        var choices = exchange.request().choices();
        var usage = Usage.of(model.count(conversation.all()), echo.tokens() * choices);
        return exchange.request().stream()
                ? new Composed(true, events(exchange, echo, usage), usage)
                : Composed.whole(completion(exchange, echo, usage), usage);
    }

    private static String completion(Exchange exchange, SandboxModel.Echo echo, Usage usage) {
        var root = head(exchange, "chat.completion");
        var choices = root.putArray("choices");
        for (var index = 0; index < exchange.request().choices(); index++) {
            var choice = choices.addObject().put("index", index);
            choice.putObject("message")
                    .put("role", "assistant")
                    .put("content", echo.text())
                    .putNull("refusal")
                    .putArray("annotations");
            choice.putNull("logprobs").put("finish_reason", finish(echo));
        }
        root.set("usage", usage(usage));
        return root.toString();
    }

    private static List<Composed.Event> events(
            Exchange exchange, SandboxModel.Echo echo, Usage usage) {
        var events = new ArrayList<Composed.Event>();
        for (var index = 0; index < exchange.request().choices(); index++) {
            var before = index * echo.tokens();
            events.add(event(opening(exchange, index), "", before));
            for (var piece : echo.pieces()) {
                var chunk = chunk(exchange, index);
                delta(chunk).put("content", piece.text());
                events.add(event(chunk, piece.text(), before + piece.tokens()));
            }
            var closing = chunk(exchange, index);
            choice(closing).put("finish_reason", finish(echo));
            events.add(event(closing, "", before + echo.tokens()));
        }
        if (exchange.request().usageAsked()) {
            var last = head(exchange, "chat.completion.chunk");
            last.putArray("choices");
            last.set("usage", usage(usage));
            events.add(event(last, "", usage.output()));
        }
        events.add(new Composed.Event(Buffer.buffer("data: [DONE]\n\n"), "", usage.output()));
        return events;
    }

    private static ObjectNode opening(Exchange exchange, int index) {
        var chunk = chunk(exchange, index);
        delta(chunk).put("role", "assistant").put("content", "").putNull("refusal");
        return chunk;
    }

    private static ObjectNode chunk(Exchange exchange, int index) {
        var chunk = head(exchange, "chat.completion.chunk");
        var choice = chunk.putArray("choices").addObject().put("index", index);
        choice.putObject("delta");
        choice.putNull("logprobs").putNull("finish_reason");
        if (exchange.request().usageAsked()) {
            chunk.putNull("usage");
        }
        return chunk;
    }

    private static ObjectNode choice(ObjectNode chunk) {
        return (ObjectNode) chunk.path("choices").path(0);
    }

    private static ObjectNode delta(ObjectNode chunk) {
        return (ObjectNode) choice(chunk).path("delta");
    }

    private static Composed.Event event(ObjectNode chunk, String text, long outputTokens) {
        return new Composed.Event(Buffer.buffer("data: " + chunk + "\n\n"), text, outputTokens);
    }

    private static ObjectNode head(Exchange exchange, String object) {
        return Conversation.JSON
                .createObjectNode()
                .put("id", "chatcmpl-" + exchange.id())
                .put("object", object)
                .put("created", exchange.receivedMillis() / 1_000)
                .put("model", SandboxClient.MODEL)
                .put("service_tier", "default")
                .put("system_fingerprint", "fp_sandbox");
    }

    private static String finish(SandboxModel.Echo echo) {
        return echo.cut() ? "length" : "stop";
    }

    private static ObjectNode usage(Usage usage) {
        var node =
                Conversation.JSON
                        .createObjectNode()
                        .put("prompt_tokens", usage.input())
                        .put("completion_tokens", usage.output())
                        .put("total_tokens", usage.total());
        node.putObject("prompt_tokens_details").put("cached_tokens", 0).put("audio_tokens", 0);
        node.putObject("completion_tokens_details")
                .put("reasoning_tokens", 0)
                .put("audio_tokens", 0)
                .put("accepted_prediction_tokens", 0)
                .put("rejected_prediction_tokens", 0);
        return node;
    }

    static Composed embeddings(Exchange exchange, SandboxModel model) {
        var body = Conversation.body(exchange);
        var inputs = inputs(body.path("input"));
        var dimensions = dimensions(body.path("dimensions"));
        var base64 = body.path("encoding_format").asText().equals("base64");
        var root = Conversation.JSON.createObjectNode().put("object", "list");
        var data = root.putArray("data");
        var tokens = 0L;
        for (var input : inputs) {
            var item = data.addObject().put("object", "embedding").put("index", data.size() - 1);
            put(item, SandboxModel.vector(input.toString(), dimensions), base64);
            tokens += tokens(input, model);
        }
        root.put("model", SandboxClient.MODEL);
        root.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
        return Composed.whole(root.toString(), Usage.of(tokens, 0));
    }

    /// A text, a list of texts, a list of tokens, or a list of lists of tokens.
    private static List<JsonNode> inputs(JsonNode input) {
        var several = input.isArray() && (input.path(0).isTextual() || input.path(0).isArray());
        var inputs = new ArrayList<JsonNode>();
        if (several) {
            input.forEach(inputs::add);
        } else if (input.isTextual() || !input.isEmpty()) {
            inputs.add(input);
        }
        if (inputs.isEmpty() || inputs.size() > INPUTS_MAX) {
            throw new Refusal(
                    new InvalidRequest("input", inputs.size() + " inputs", "1 to " + INPUTS_MAX));
        }
        return inputs;
    }

    private static long tokens(JsonNode input, SandboxModel model) {
        return input.isTextual() ? model.count(input.asText()) : input.size();
    }

    private static int dimensions(JsonNode asked) {
        if (asked.isMissingNode() || asked.isNull()) {
            return DIMENSIONS;
        }
        if (!asked.canConvertToInt() || asked.asInt() < 1 || asked.asInt() > DIMENSIONS_MAX) {
            throw new Refusal(
                    new InvalidRequest("dimensions", asked.toString(), "1 to " + DIMENSIONS_MAX));
        }
        return asked.asInt();
    }

    private static void put(ObjectNode item, float[] vector, boolean base64) {
        if (base64) {
            var bytes =
                    ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (var each : vector) {
                bytes.putFloat(each);
            }
            item.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
        } else {
            ArrayNode numbers = item.putArray("embedding");
            for (var each : vector) {
                numbers.add(each);
            }
        }
    }
}
