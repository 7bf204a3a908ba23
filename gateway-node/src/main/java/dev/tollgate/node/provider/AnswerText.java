package dev.tollgate.node.provider;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;

/// The text a model has produced so far, for estimates: kept up to a limit, then only counted.
public final class AnswerText {

    /// Of one answer. The largest outputs models can produce are below it.
    public static final int CHARACTERS_KEPT_MAX = 1 << 20;

    /// Tokens are seldom longer than this in running text, so that a count by it stays below the
    /// true one.
    private static final int CHARACTERS_PER_TOKEN = 8;

    private final StringBuilder kept = new StringBuilder();
    private long characters;

    /// The text in a whole answer, as far as the bytes go: they may break off anywhere.
    ///
    /// @param root the field of the answer that holds what the model has produced
    /// @param names fields of text in it
    /// @param wholly fields of which the model has written all that is in them, such as arguments
    ///   given as an object
    public static String of(byte[] body, String root, Set<String> names, Set<String> wholly) {
        var text = new AnswerText();
        try (var parser = Json.FACTORY.createParser(body)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var found = parser.currentName().equals(root);
                parser.nextToken();
                if (found) {
                    text.collect(parser, names, wholly);
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException brokenOff) {
            // What came before it was produced, and is all we can know.
            return text.toString();
        }
        return text.toString();
    }

    private void collect(JsonParser parser, Set<String> names, Set<String> wholly)
            throws IOException {
        var depth = parser.currentToken().isStructStart() ? 1 : 0;
        while (depth > 0) {
            var token = parser.nextToken();
            if (token == null) {
                return;
            }
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            } else if (token == JsonToken.FIELD_NAME && wholly.contains(parser.currentName())) {
                parser.nextToken();
                collectAll(parser);
            } else if (token == JsonToken.VALUE_STRING && named(parser, names)) {
                append(parser);
            }
        }
    }

    private static boolean named(JsonParser parser, Set<String> names) throws IOException {
        var name = parser.currentName();
        return name != null && names.contains(name);
    }

    /// Keys and values alike: a model pays for both.
    private void collectAll(JsonParser parser) throws IOException {
        var depth = 0;
        do {
            var token = parser.currentToken();
            if (token == null) {
                return;
            }
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            } else {
                append(parser);
            }
            if (depth > 0) {
                parser.nextToken();
            }
        } while (depth > 0);
    }

    /// Adds the text of the token at which `parser` stands.
    public void append(JsonParser parser) throws IOException {
        var length = parser.getTextLength();
        characters += length;
        var room = CHARACTERS_KEPT_MAX - kept.length();
        if (room > 0) {
            kept.append(parser.getTextCharacters(), parser.getTextOffset(), Math.min(room, length));
        }
    }

    /// At least this many tokens have been produced.
    public long tokensAtLeast() {
        return characters / CHARACTERS_PER_TOKEN;
    }

    /// All characters there have been, kept or not.
    long characters() {
        return characters;
    }

    /// What was kept from a place on.
    String from(int place) {
        return kept.substring(Math.min(place, kept.length()));
    }

    /// What was kept.
    @Override
    public String toString() {
        return kept.toString();
    }
}
