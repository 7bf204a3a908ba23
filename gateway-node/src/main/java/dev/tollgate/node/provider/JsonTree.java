package dev.tollgate.node.provider;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON as maps, lists, strings and [Raw] parts, for the answers we put together ourselves. Keeps
/// the order of fields, and numbers as they are written.
public final class JsonTree {

    private JsonTree() {}

    /// A number, `true` or `false`, or any value that is JSON already.
    public record Raw(String json) {}

    /// @throws IOException unless it is one JSON object
    public static Map<String, @Nullable Object> read(byte[] data) throws IOException {
        try (var parser = Json.FACTORY.createParser(data)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no object");
            }
            var object = object(parser);
            if (parser.nextToken() != null) {
                throw new IOException("more than one value");
            }
            return object;
        }
    }

    private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
        var object = new LinkedHashMap<String, @Nullable Object>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var name = parser.currentName();
            parser.nextToken();
            object.put(name, value(parser));
        }
        return object;
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NULL -> null;
            default -> new Raw(parser.getText());
        };
    }

    private static List<@Nullable Object> array(JsonParser parser) throws IOException {
        var array = new ArrayList<@Nullable Object>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(parser));
        }
        return array;
    }

    /// The object in a field; a new one where there is none.
    public static Map<String, @Nullable Object> objectIn(
            Map<String, @Nullable Object> parent, String name) {
        return asObject(parent.get(name));
    }

    /// A value as an object; a new one where it is none.
    @SuppressWarnings("unchecked")
    public static Map<String, @Nullable Object> asObject(@Nullable Object value) {
        return value instanceof Map<?, ?> object
                ? (Map<String, @Nullable Object>) object
                : new LinkedHashMap<>();
    }

    /// The objects in a field that is an array.
    public static List<Map<String, @Nullable Object>> objectsIn(
            Map<String, @Nullable Object> parent, String name) {
        return asObjects(parent.get(name));
    }

    /// The objects in a value that is an array.
    public static List<Map<String, @Nullable Object>> asObjects(@Nullable Object value) {
        var objects = new ArrayList<Map<String, @Nullable Object>>();
        if (value instanceof List<?> items) {
            for (var item : items) {
                if (item instanceof Map<?, ?>) {
                    objects.add(asObject(item));
                }
            }
        }
        return objects;
    }

    /// The whole number in a field, -1 where there is none.
    public static int intIn(Map<String, @Nullable Object> parent, String name) {
        try {
            return parent.get(name) instanceof Raw(var json) ? Integer.parseInt(json) : -1;
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    public static String write(@Nullable Object value) {
        var to = new StringBuilder();
        write(to, value);
        return to.toString();
    }

    private static void write(StringBuilder to, @Nullable Object value) {
        switch (value) {
            case null -> to.append("null");
            case Raw(var json) -> to.append(json);
            case Number number -> to.append(number);
            case Boolean flag -> to.append(flag);
            case Map<?, ?> object -> writeObject(to, object);
            case List<?> array -> writeArray(to, array);
            default -> quote(to, value.toString());
        }
    }

    private static void writeObject(StringBuilder to, Map<?, ?> object) {
        var separator = '{';
        for (var field : object.entrySet()) {
            to.append(separator);
            quote(to, String.valueOf(field.getKey()));
            to.append(':');
            write(to, field.getValue());
            separator = ',';
        }
        to.append(object.isEmpty() ? "{}" : "}");
    }

    private static void writeArray(StringBuilder to, List<?> array) {
        var separator = '[';
        for (var item : array) {
            to.append(separator);
            write(to, item);
            separator = ',';
        }
        to.append(array.isEmpty() ? "[]" : "]");
    }

    private static void quote(StringBuilder to, String text) {
        to.append('"').append(JsonStringEncoder.getInstance().quoteAsString(text)).append('"');
    }
}
