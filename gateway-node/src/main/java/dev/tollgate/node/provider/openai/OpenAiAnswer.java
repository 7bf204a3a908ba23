package dev.tollgate.node.provider.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.node.provider.Answer;
import dev.tollgate.node.provider.Json;
import dev.tollgate.node.provider.UsageFields;
import dev.tollgate.node.provider.UsageReading;
import java.io.IOException;

/// What the fields of a whole answer tell, one after the other.
final class OpenAiAnswer {

    private final Endpoint endpoint;
    private UsageReading usage = UsageReading.odd("usage: absent");
    private String model = "";
    private String serviceTier = "";
    private boolean results;
    private boolean error;

    OpenAiAnswer(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /// Reads the field at whose name `parser` stands.
    void field(JsonParser parser) throws IOException {
        var name = parser.currentName();
        var value = parser.nextToken();
        switch (name) {
            case "model" -> model = Json.label(parser);
            case "service_tier" -> serviceTier = Json.label(parser);
            case "usage" -> usage = usage(parser, endpoint.produces());
            case "error" -> {
                error = value != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
            case "choices", "data" -> {
                results = results || value == JsonToken.START_ARRAY;
                parser.skipChildren();
            }
            default -> parser.skipChildren();
        }
    }

    static UsageReading usage(JsonParser parser, boolean produces) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return UsageReading.odd("usage: no object");
        }
        var fields = new UsageFields();
        fields.read(parser);
        return OpenAiUsage.of(fields, produces);
    }

    Answer answer() {
        if (error) {
            return new Answer(Answer.Kind.ERROR, usage, model, serviceTier, "");
        }
        if (!results) {
            return new Answer(Answer.Kind.INVALID, usage, model, serviceTier, "no results");
        }
        return new Answer(Answer.Kind.COMPLETE, usage, model, serviceTier, "");
    }
}
