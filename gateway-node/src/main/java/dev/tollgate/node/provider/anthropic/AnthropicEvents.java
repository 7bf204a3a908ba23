package dev.tollgate.node.provider.anthropic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.node.provider.AnswerText;
import dev.tollgate.node.provider.EventReader;
import dev.tollgate.node.provider.Json;
import dev.tollgate.node.provider.StreamFacts;
import dev.tollgate.node.provider.UsageFields;
import dev.tollgate.node.provider.UsageReading;
import dev.tollgate.tokens.Usage;
import java.io.IOException;
import java.util.Optional;

/// Reads the events of a streamed message, by the type in their data.
///
/// `message_start` tells the input and a placeholder for the output, which is never taken;
/// `message_delta` is cumulative: each overwrites the one before.
final class AnthropicEvents implements EventReader {

    private final AnswerText text = new AnswerText();
    private final UsageFields usage = new UsageFields();
    private String model = "";
    private boolean begun;
    private boolean finished;
    private boolean error;

    @Override
    public Verdict read(byte[] data, int from, int to) throws IOException {
        var type = event(data, from, to);
        if (error || type.equals("error")) {
            return Verdict.FAILED;
        }
        return type.equals("message_stop") ? Verdict.COMPLETE : Verdict.PASS;
    }

    private String event(byte[] data, int from, int to) throws IOException {
        var type = "";
        try (var parser = Json.FACTORY.createParser(data, from, to - from)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var name = parser.currentName();
                var value = parser.nextToken();
                switch (name) {
                    case "type" -> type = Json.label(parser);
                    case "message" -> message(parser);
                    case "delta", "content_block" -> produced(parser);
                    case "usage" -> usage(parser);
                    case "error" -> {
                        error = value != JsonToken.VALUE_NULL;
                        parser.skipChildren();
                    }
                    default -> parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw new IOException("more than one value");
            }
        }
        return type;
    }

    private void message(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        begun = true;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "model" -> model = Json.label(parser);
                case "usage" -> {
                    usage(parser);
                    usage.forget(AnthropicUsage.OUTPUT);
                }
                default -> parser.skipChildren();
            }
        }
    }

    private void usage(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            usage.read(parser);
        } else {
            parser.skipChildren();
        }
    }

    /// A content block's beginning or addition, or the addition to the message itself.
    private void produced(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var name = parser.currentName();
            var written = parser.nextToken() == JsonToken.VALUE_STRING;
            switch (name) {
                case "text", "thinking", "partial_json", "name" -> {
                    if (written) {
                        text.append(parser);
                    }
                }
                case "stop_reason" -> finished = finished || written;
                default -> {}
            }
            parser.skipChildren();
        }
    }

    @Override
    public boolean edits() {
        return false;
    }

    @Override
    public int cutFrom() {
        return 0;
    }

    @Override
    public int cutTo() {
        return 0;
    }

    @Override
    public AnswerText text() {
        return text;
    }

    @Override
    public long outputTokensSoFar() {
        return text.tokensAtLeast();
    }

    @Override
    public StreamFacts facts(boolean complete) {
        var input = begun ? AnthropicUsage.inputOf(usage) : Optional.<Usage>empty();
        return new StreamFacts(
                complete || finished ? AnthropicUsage.of(usage) : UsageReading.UNTOLD,
                input,
                text.toString(),
                model,
                usage.serviceTier(),
                begun);
    }
}
