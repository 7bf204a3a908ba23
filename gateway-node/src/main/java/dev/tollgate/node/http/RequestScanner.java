package dev.tollgate.node.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.caller.Attribution;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.node.stream.JsonPlaces;
import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.ModelRequest.Place;
import dev.tollgate.path.ModelRequest.Places;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Reads in one pass over a request's body what the gateway needs to know of it.
///
/// The bytes are not rebuilt, so what was checked is what a provider reads: keys are matched
/// exactly, a key given twice is refused at any depth, and so is one that differs from a key we
/// read only in case, because some servers would take it for that key. `null` is as absent.
final class RequestScanner {

    static final int MODEL_CHARACTERS_MAX = 256;
    static final long OUTPUT_TOKENS_MAX = 10_000_000;
    static final int CHOICES_MAX = 128;

    private static final List<String> READ =
            List.of(
                    "model",
                    "stream",
                    "stream_options",
                    "max_tokens",
                    "max_completion_tokens",
                    "n",
                    "messages",
                    "system",
                    "input",
                    "tools",
                    "functions",
                    "thinking",
                    "user",
                    "metadata");

    private final Endpoint endpoint;
    private final byte[] body;
    private final JsonParser parser;
    private final FieldReader fields;
    private final AttachmentScanner attachments;

    private String model = "";
    private Place modelPlace = ModelRequest.ABSENT;
    private boolean stream;
    private boolean usageAsked;
    private Place streamOptions = ModelRequest.ABSENT;
    private OutputLimit maxTokens = OutputLimit.ABSENT;
    private OutputLimit maxCompletionTokens = OutputLimit.ABSENT;
    private int choices = 1;
    private long thinkingBudget;
    private boolean tools;
    private boolean contentGiven;
    private String user = "";
    private final Map<String, String> tags = new HashMap<>();

    private RequestScanner(Endpoint endpoint, byte[] body, JsonParser parser) {
        this.endpoint = endpoint;
        this.body = body;
        this.parser = parser;
        this.fields = new FieldReader(parser);
        this.attachments = new AttachmentScanner(parser, body);
    }

    /// What a body says.
    ///
    /// @param tags the string values of OpenAI's `metadata` that can be tags
    record Scanned(ModelRequest request, Map<String, String> tags) {
        Scanned {
            tags = Map.copyOf(tags);
        }
    }

    /// A limit on output tokens, and where it stands; it may stand there as `null`.
    private record OutputLimit(OptionalLong tokens, Place place) {
        static final OutputLimit ABSENT =
                new OutputLimit(OptionalLong.empty(), ModelRequest.ABSENT);
    }

    /// @throws dev.tollgate.problem.Refusal when the body is not what `endpoint` takes
    static Scanned scan(Endpoint endpoint, byte[] body) {
        return StrictJson.read(body, parser -> new RequestScanner(endpoint, body, parser).scan());
    }

    private Scanned scan() throws IOException {
        var token = parser.nextToken();
        if (token != JsonToken.START_OBJECT) {
            var found = token == null ? "empty" : fields.described();
            throw Invalid.of("body", found, "one JSON object");
        }
        var object = (int) parser.currentLocation().getByteOffset();
        token = parser.nextToken();
        var empty = token == JsonToken.END_OBJECT;
        for (; token == JsonToken.FIELD_NAME; token = parser.nextToken()) {
            var field = parser.currentName();
            parser.nextToken();
            member(field);
        }
        if (parser.nextToken() != null) {
            throw Invalid.of("body", "more than one JSON value", "one JSON object");
        }
        return finish(object, empty);
    }

    private void member(String field) throws IOException {
        switch (field) {
            case "model" -> model();
            case "stream" -> stream = stream();
            case "max_tokens" -> maxTokens = outputLimit(field);
            case "messages" -> messages();
            case "tools", "functions" -> tools |= anyIn(field);
            case "metadata" -> metadata();
            default -> {
                if (endpoint.dialect() == Dialect.OPENAI) {
                    openAiMember(field);
                } else {
                    anthropicMember(field);
                }
            }
        }
    }

    private void openAiMember(String field) throws IOException {
        switch (field) {
            case "max_completion_tokens" -> maxCompletionTokens = outputLimit(field);
            case "n" -> choices = (int) fields.integer(field, 1, CHOICES_MAX).orElse(1);
            case "stream_options" -> streamOptions();
            case "user" -> user = user(field);
            case "input" -> input();
            default -> other(field);
        }
    }

    private void anthropicMember(String field) throws IOException {
        switch (field) {
            case "system" -> attachments.content();
            case "thinking" -> thinking();
            default -> other(field);
        }
    }

    private void other(String field) throws IOException {
        for (var read : READ) {
            if (!read.equals(field) && read.equalsIgnoreCase(field)) {
                throw Invalid.of(field, "a key in another case", read);
            }
        }
        parser.skipChildren();
    }

    private void model() throws IOException {
        var expected = "1 to " + MODEL_CHARACTERS_MAX + " printable ASCII characters";
        fields.require(JsonToken.VALUE_STRING, "model", expected);
        model = parser.getText();
        if (model.isEmpty() || model.length() > MODEL_CHARACTERS_MAX || !printable(model)) {
            throw Invalid.of("model", model, expected);
        }
        modelPlace = JsonPlaces.currentValue(parser);
    }

    private boolean stream() throws IOException {
        var asked = fields.flag("stream");
        if (asked && !endpoint.produces()) {
            throw Invalid.of("stream", "true", "absent: " + endpoint.path() + " is not streamed");
        }
        return asked;
    }

    private OutputLimit outputLimit(String field) throws IOException {
        // Anthropic takes 0: the prompt is read into its cache and nothing is written.
        var least = endpoint.dialect() == Dialect.ANTHROPIC ? 0 : 1;
        var tokens = fields.integer(field, least, OUTPUT_TOKENS_MAX);
        return new OutputLimit(tokens, JsonPlaces.currentValue(parser));
    }

    private void streamOptions() throws IOException {
        if (fields.isNull()) {
            streamOptions = JsonPlaces.currentValue(parser);
            return;
        }
        fields.require(JsonToken.START_OBJECT, "stream_options", "an object");
        var from = (int) parser.currentTokenLocation().getByteOffset();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var isUsage = parser.currentName().equals("include_usage");
            parser.nextToken();
            if (isUsage) {
                usageAsked = fields.flag("stream_options.include_usage");
            } else {
                parser.skipChildren();
            }
        }
        streamOptions = new Place(from, (int) parser.currentLocation().getByteOffset());
    }

    private void messages() throws IOException {
        fields.require(JsonToken.START_ARRAY, "messages", "an array");
        contentGiven |= endpoint != Endpoint.EMBEDDINGS;
        attachments.messages();
    }

    private void input() throws IOException {
        if (endpoint == Endpoint.EMBEDDINGS) {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                fields.require(JsonToken.VALUE_STRING, "input", "a string or an array");
            }
            contentGiven = true;
        }
        parser.skipChildren();
    }

    private boolean anyIn(String field) throws IOException {
        if (fields.isNull()) {
            return false;
        }
        fields.require(JsonToken.START_ARRAY, field, "an array");
        var any = false;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            any = true;
            parser.skipChildren();
        }
        return any;
    }

    private void thinking() throws IOException {
        if (fields.isNull()) {
            return;
        }
        fields.require(JsonToken.START_OBJECT, "thinking", "an object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var isBudget = parser.currentName().equals("budget_tokens");
            parser.nextToken();
            if (isBudget) {
                var budget = fields.integer("thinking.budget_tokens", 0, OUTPUT_TOKENS_MAX);
                thinkingBudget = budget.orElse(0);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void metadata() throws IOException {
        if (fields.isNull()) {
            return;
        }
        fields.require(JsonToken.START_OBJECT, "metadata", "an object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var field = parser.currentName();
            parser.nextToken();
            if (endpoint.dialect() == Dialect.OPENAI) {
                tag(field);
            } else if (field.equals("user_id")) {
                user = user("metadata.user_id");
            }
            parser.skipChildren();
        }
    }

    /// OpenAI's metadata may be longer than tags are: what cannot be one is not refused for it.
    private void tag(String name) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING && tags.size() < Attribution.TAGS_MAX) {
            var value = parser.getText();
            if (Attributions.isTag(name, value)) {
                tags.put(name, value);
            }
        }
    }

    private String user(String field) throws IOException {
        if (fields.isNull()) {
            return "";
        }
        fields.require(JsonToken.VALUE_STRING, field, "a string");
        return Attributions.checked(field, parser.getText());
    }

    private Scanned finish(int object, boolean empty) {
        requireGiven();
        var limit = outputLimit();
        var places = new Places(object, empty, modelPlace, streamOptions, limit.place());
        var request =
                new ModelRequest(
                        body,
                        model,
                        stream,
                        usageAsked,
                        limit.tokens(),
                        choices,
                        thinkingBudget,
                        attachments.attachments(),
                        attachments.imageBytes(),
                        tools,
                        user,
                        places);
        return new Scanned(request, tags);
    }

    private void requireGiven() {
        if (!modelPlace.present()) {
            throw Invalid.of("model", "absent", "the name of a model");
        }
        if (!contentGiven && endpoint == Endpoint.EMBEDDINGS) {
            throw Invalid.of("input", "absent", "a string or an array");
        }
        if (!contentGiven) {
            throw Invalid.of("messages", "absent", "an array");
        }
    }

    private OutputLimit outputLimit() {
        if (maxTokens.tokens().isPresent() && maxCompletionTokens.tokens().isPresent()) {
            // Providers refuse both as well.
            throw Invalid.of("max_tokens", "given beside max_completion_tokens", "one of the two");
        }
        return maxTokens.tokens().isPresent() || !maxCompletionTokens.place().present()
                ? maxTokens
                : maxCompletionTokens;
    }

    private static boolean printable(String text) {
        return text.chars().allMatch(character -> character >= ' ' && character <= '~');
    }
}
