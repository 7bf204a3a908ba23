package dev.tollgate.loadtest.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a request's body in one pass, both dialects alike: their field names do not clash.
final class RequestReader {

    private static final JsonFactory JSON = new JsonFactory();

    /// Fields of a message that steer the API and are no text to the model.
    private static final Set<String> NOT_TEXT =
            Set.of("role", "type", "id", "tool_call_id", "tool_use_id", "ttl", "media_type");

    /// Stands for any image or file: their real prices do not matter here.
    private static final int TOKENS_PER_ATTACHMENT = 85;

    private static final int TOKENS_PER_MESSAGE = 3;

    private String model = "";
    private boolean stream;
    private OptionalLong outputTokensMax = OptionalLong.empty();
    private int choices = 1;
    private boolean includeUsage;
    private final Set<String> tools = new LinkedHashSet<>();
    private boolean toolResult;
    private final List<String> texts = new ArrayList<>();
    private long counted;
    private int inputs;
    private boolean base64;
    private int dimensions;

    private RequestReader() {}

    static ModelRequest read(byte[] body) {
        var reader = new RequestReader();
        try (var parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return ModelRequest.NONE;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var name = parser.currentName();
                parser.nextToken();
                reader.topLevel(name, parser);
            }
            return reader.toRequest();
        } catch (IOException e) {
            return ModelRequest.NONE;
        }
    }

    private ModelRequest toRequest() {
        return new ModelRequest(
                model,
                stream,
                outputTokensMax,
                choices,
                includeUsage,
                Set.copyOf(tools),
                toolResult,
                List.copyOf(texts),
                counted,
                inputs,
                base64,
                dimensions,
                true);
    }

    private void topLevel(String name, JsonParser parser) throws IOException {
        switch (name) {
            case "model" -> model = parser.getValueAsString("");
            case "stream" -> stream = parser.getValueAsBoolean();
            case "max_tokens", "max_completion_tokens" -> {
                if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
                    outputTokensMax = OptionalLong.of(parser.getLongValue());
                }
            }
            case "n" -> choices = Math.max(1, parser.getValueAsInt(1));
            case "stream_options" -> streamOptions(parser);
            case "messages" -> messages(parser);
            case "system", "prompt" -> walk(parser);
            case "tools" -> tools(parser);
            case "input" -> inputs(parser);
            case "encoding_format" -> base64 = "base64".equals(parser.getValueAsString(""));
            case "dimensions" -> dimensions = parser.getValueAsInt(0);
            default -> parser.skipChildren();
        }
    }

    private void streamOptions(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var name = parser.currentName();
            parser.nextToken();
            if ("include_usage".equals(name)) {
                includeUsage = parser.getValueAsBoolean();
            } else {
                parser.skipChildren();
            }
        }
    }

    private void messages(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return;
        }
        counted += TOKENS_PER_MESSAGE;
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            counted += TOKENS_PER_MESSAGE;
            walk(parser);
        }
    }

    /// Collects the texts below the current value.
    private void walk(JsonParser parser) throws IOException {
        var depth = 0;
        do {
            switch (parser.currentToken()) {
                case START_OBJECT, START_ARRAY -> depth++;
                case END_OBJECT, END_ARRAY -> depth--;
                case VALUE_STRING -> text(parser.currentName(), parser.getText());
                default -> {}
            }
            if (depth > 0) {
                parser.nextToken();
            }
        } while (depth > 0);
    }

    private void text(@Nullable String field, String value) {
        if ("role".equals(field)) {
            if ("assistant".equals(value)) {
                toolResult = false;
            } else if ("tool".equals(value)) {
                toolResult = true;
            }
        } else if ("type".equals(field) && "tool_result".equals(value)) {
            toolResult = true;
        }
        if ("data".equals(field) || value.startsWith("data:")) {
            counted += TOKENS_PER_ATTACHMENT;
        } else if (field == null || !NOT_TEXT.contains(field)) {
            texts.add(value);
        }
    }

    private void tools(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return;
        }
        var depth = 1;
        while (depth > 0) {
            switch (parser.nextToken()) {
                case START_OBJECT, START_ARRAY -> depth++;
                case END_OBJECT, END_ARRAY -> depth--;
                case VALUE_STRING -> {
                    // tools[].name (Anthropic) or tools[].function.name (OpenAI), nothing deeper.
                    if (depth <= 3 && "name".equals(parser.currentName())) {
                        tools.add(parser.getText());
                    }
                    texts.add(parser.getText());
                }
                case null -> depth = 0;
                default -> {}
            }
        }
    }

    private void inputs(JsonParser parser) throws IOException {
        switch (parser.currentToken()) {
            case VALUE_STRING -> {
                texts.add(parser.getText());
                inputs = 1;
            }
            case START_ARRAY -> inputList(parser);
            default -> parser.skipChildren();
        }
    }

    private void inputList(JsonParser parser) throws IOException {
        var ids = 0;
        for (var token = parser.nextToken();
                token != null && token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            switch (token) {
                case VALUE_STRING -> {
                    texts.add(parser.getText());
                    inputs++;
                }
                case VALUE_NUMBER_INT -> ids++;
                case START_ARRAY -> {
                    while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
                        counted++;
                    }
                    inputs++;
                }
                default -> parser.skipChildren();
            }
        }
        counted += ids;
        if (ids > 0) {
            inputs++;
        }
    }
}
