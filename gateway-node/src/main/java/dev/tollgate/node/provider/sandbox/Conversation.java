package dev.tollgate.node.provider.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.path.Exchange;
import dev.tollgate.problem.Problem.InvalidRequest;
import dev.tollgate.problem.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;

/// What a request says, in either dialect.
///
/// @param all every text in it, for counting
/// @param lastOfUser the text of the last message of the user
record Conversation(String all, String lastOfUser) {

    static final ObjectMapper JSON = new ObjectMapper();

    /// @throws Refusal when there are no messages
    static Conversation of(Exchange exchange) {
        var messages = body(exchange).path("messages");
        if (!messages.isArray() || messages.isEmpty()) {
            throw new Refusal(new InvalidRequest("messages", "", "a list of at least 1 message"));
        }
        var all = new StringBuilder();
        append(body(exchange).path("system"), all);
        var last = "";
        for (var message : messages) {
            var text = new StringBuilder();
            append(message.path("content"), text);
            all.append(text).append('\n');
            last = message.path("role").asText().equals("user") ? text.toString() : last;
        }
        return new Conversation(all.toString(), last);
    }

    static JsonNode body(Exchange exchange) {
        try {
            return JSON.readTree(exchange.request().body());
        } catch (IOException checkedAtTheDoor) {
            throw new UncheckedIOException(checkedAtTheDoor);
        }
    }

    /// Content is text, or a list of parts of which some have text.
    private static void append(JsonNode content, StringBuilder text) {
        if (content.isTextual()) {
            text.append(content.asText());
            return;
        }
        for (var part : content) {
            var own = part.path("text");
            if (own.isTextual()) {
                text.append(own.asText());
            } else if (part.has("content")) {
                append(part.path("content"), text);
            }
        }
    }
}
