package dev.tollgate.node.provider.anthropic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.node.provider.Answer;
import dev.tollgate.node.provider.Json;
import dev.tollgate.node.provider.UsageFields;
import dev.tollgate.node.provider.UsageReading;
import dev.tollgate.tokens.Usage;
import java.io.IOException;

/// What the fields of a whole answer tell, one after the other.
final class AnthropicAnswer {

    private UsageReading usage = UsageReading.odd("usage: absent");
    private String type = "";
    private String model = "";
    private String serviceTier = "";
    private boolean content;
    private boolean counted;
    private boolean error;

    /// Reads the field at whose name `parser` stands.
    void field(JsonParser parser) throws IOException {
        var name = parser.currentName();
        var value = parser.nextToken();
        switch (name) {
            case "type" -> type = Json.label(parser);
            case "model" -> model = Json.label(parser);
            case "usage" -> usage(parser);
            case "input_tokens" -> counted = value == JsonToken.VALUE_NUMBER_INT;
            case "error" -> {
                error = value != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
            case "content" -> {
                content = value == JsonToken.START_ARRAY;
                parser.skipChildren();
            }
            default -> parser.skipChildren();
        }
    }

    private void usage(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            usage = UsageReading.odd("usage: no object");
            return;
        }
        var fields = new UsageFields();
        fields.read(parser);
        usage = AnthropicUsage.of(fields);
        serviceTier = fields.serviceTier();
    }

    Answer answer(Endpoint endpoint) {
        if (error || type.equals("error")) {
            return new Answer(Answer.Kind.ERROR, usage, model, serviceTier, "");
        }
        if (endpoint == Endpoint.COUNT_TOKENS) {
            return counted
                    ? new Answer(Answer.Kind.COMPLETE, UsageReading.of(Usage.NONE), model, "", "")
                    : Answer.invalid("no count");
        }
        if (!content) {
            return new Answer(Answer.Kind.INVALID, usage, model, serviceTier, "no content");
        }
        return new Answer(Answer.Kind.COMPLETE, usage, model, serviceTier, "");
    }
}
