package dev.tollgate.node.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.OptionalLong;

/// Reads the value a parser is at as what its field has to be, and refuses anything else.
final class FieldReader {

    /// Any number of more digits is out of every range, and might not fit a long.
    private static final int DIGITS_MAX = 18;

    private final JsonParser parser;

    FieldReader(JsonParser parser) {
        this.parser = parser;
    }

    boolean isNull() {
        return parser.currentToken() == JsonToken.VALUE_NULL;
    }

    void require(JsonToken token, String field, String expected) throws IOException {
        if (parser.currentToken() != token) {
            throw Invalid.of(field, described(), expected);
        }
    }

    boolean flag(String field) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE, VALUE_NULL -> false;
            default -> throw Invalid.of(field, described(), "true or false");
        };
    }

    /// Empty for `null`.
    OptionalLong integer(String field, long least, long most) throws IOException {
        if (isNull()) {
            return OptionalLong.empty();
        }
        var expected = "an integer from " + least + " to " + most;
        require(JsonToken.VALUE_NUMBER_INT, field, expected);
        var text = parser.getText();
        if (text.length() > DIGITS_MAX) {
            throw Invalid.of(field, text, expected);
        }
        var value = parser.getLongValue();
        if (value < least || value > most) {
            throw Invalid.of(field, text, expected);
        }
        return OptionalLong.of(value);
    }

    /// The value, for a message: strings may be content and are never shown.
    String described() throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            default -> parser.getText();
        };
    }
}
