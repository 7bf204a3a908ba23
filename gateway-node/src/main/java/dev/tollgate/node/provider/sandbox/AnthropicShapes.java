package dev.tollgate.node.provider.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.path.Exchange;
import dev.tollgate.tokens.Usage;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/// The sandbox's answers in Anthropic's shapes.
final class AnthropicShapes {

    private AnthropicShapes() {}

    static Composed message(Exchange exchange, SandboxModel model) {
        var conversation = Conversation.of(exchange);
        var echo = model.answer(exchange, conversation.lastOfUser());
        var usage = Usage.of(model.count(conversation.all()), echo.tokens());
        if (exchange.request().stream()) {
            return new Composed(true, events(exchange, echo, usage), usage);
        }
        var root = head(exchange);
        root.putArray("content").addObject().put("type", "text").put("text", echo.text());
        root.put("stop_reason", stop(echo)).putNull("stop_sequence");
        root.set("usage", usage(usage.input(), usage.output()));
        return Composed.whole(root.toString(), usage);
    }

    static Composed count(Exchange exchange, SandboxModel model) {
        var tokens = model.count(Conversation.of(exchange).all());
        var root = Conversation.JSON.createObjectNode().put("input_tokens", tokens);
        return Composed.whole(root.toString(), Usage.NONE);
    }

    private static List<Composed.Event> events(
            Exchange exchange, SandboxModel.Echo echo, Usage usage) {
        var events = new ArrayList<Composed.Event>();
        events.add(event(start(exchange, usage), "", 0));
        var open = body("content_block_start").put("index", 0);
        open.putObject("content_block").put("type", "text").put("text", "");
        events.add(event(open, "", 0));
        events.add(event(body("ping"), "", 0));
        for (var piece : echo.pieces()) {
            var delta = body("content_block_delta").put("index", 0);
            delta.putObject("delta").put("type", "text_delta").put("text", piece.text());
            events.add(event(delta, piece.text(), piece.tokens()));
        }
        events.add(event(body("content_block_stop").put("index", 0), "", echo.tokens()));
        events.add(event(end(echo, usage), "", echo.tokens()));
        events.add(event(body("message_stop"), "", echo.tokens()));
        return events;
    }

    private static ObjectNode start(Exchange exchange, Usage usage) {
        var start = body("message_start");
        var message = head(exchange);
        message.putArray("content");
        message.putNull("stop_reason").putNull("stop_sequence");
        message.set("usage", usage(usage.input(), 1));
        start.set("message", message);
        return start;
    }

    private static ObjectNode end(SandboxModel.Echo echo, Usage usage) {
        var end = body("message_delta");
        end.putObject("delta").put("stop_reason", stop(echo)).putNull("stop_sequence");
        end.set("usage", usage(usage.input(), usage.output()));
        return end;
    }

    private static ObjectNode head(Exchange exchange) {
        return Conversation.JSON
                .createObjectNode()
                .put("id", "msg_" + exchange.id().toString().replace("-", ""))
                .put("type", "message")
                .put("role", "assistant")
                .put("model", SandboxClient.MODEL);
    }

    private static ObjectNode usage(long input, long output) {
        return Conversation.JSON
                .createObjectNode()
                .put("input_tokens", input)
                .put("cache_creation_input_tokens", 0)
                .put("cache_read_input_tokens", 0)
                .put("output_tokens", output);
    }

    private static String stop(SandboxModel.Echo echo) {
        return echo.cut() ? "max_tokens" : "end_turn";
    }

    private static ObjectNode body(String type) {
        return Conversation.JSON.createObjectNode().put("type", type);
    }

    private static Composed.Event event(ObjectNode body, String text, long outputTokens) {
        var bytes = "event: " + body.path("type").asText() + "\ndata: " + body + "\n\n";
        return new Composed.Event(Buffer.buffer(bytes), text, outputTokens);
    }
}
