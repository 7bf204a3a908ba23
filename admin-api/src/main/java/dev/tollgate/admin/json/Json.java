package dev.tollgate.admin.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.tollgate.admin.problem.AdminProblem;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.admin.problem.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads JSON into trees of maps, lists, text, numbers ([Long], or `BigInteger` and `BigDecimal`
/// where that is too small), booleans and null. Duplicate members are refused, for two readers
/// could differ about which counts.
public final class Json {

    private static final int DEPTH_MAX = 32;
    private static final int NUMBER_CHARACTERS_MAX = 100;
    private static final int TEXT_CHARACTERS_MAX = 100_000;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEPTH_MAX)
                                    .maxNumberLength(NUMBER_CHARACTERS_MAX)
                                    .maxStringLength(TEXT_CHARACTERS_MAX)
                                    .build())
                    .build();
    private static final ObjectMapper WRITER =
            new ObjectMapper()
                    .registerModule(new SimpleModule().addSerializer(new TreeSerializer()));

    private Json() {}

    /// Reads an object from a request's body.
    ///
    /// @throws AdminRefusal naming every duplicate member, or the place where it is no JSON
    public static Map<String, @Nullable Object> readObject(byte[] body) {
        if (body.length == 0) {
            throw AdminRefusal.of(new Fault("body", null, "a JSON object"));
        }
        var faults = new ArrayList<Fault>();
        try (var parser = FACTORY.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw AdminRefusal.of(new Fault("body", parser.getText(), "a JSON object"));
            }
            var object = object(parser, "", faults);
            if (parser.nextToken() != null) {
                throw AdminRefusal.of(
                        new Fault("body", "more after the object", "one JSON object"));
            }
            if (!faults.isEmpty()) {
                throw new AdminRefusal(new AdminProblem.Invalid(faults));
            }
            return object;
        } catch (StreamConstraintsException tooMuch) {
            throw AdminRefusal.of(
                    new Fault(
                            "body",
                            "nesting, text or a number beyond the limits",
                            "at most %d levels, texts of %d and numbers of %d characters"
                                    .formatted(
                                            DEPTH_MAX,
                                            TEXT_CHARACTERS_MAX,
                                            NUMBER_CHARACTERS_MAX)));
        } catch (JsonProcessingException malformed) {
            var at = malformed.getLocation();
            throw AdminRefusal.of(
                    new Fault(
                            "body",
                            "no JSON at line %d, column %d"
                                    .formatted(at.getLineNr(), at.getColumnNr()),
                            "a JSON object"));
        } catch (IOException notUtf8) {
            throw AdminRefusal.of(new Fault("body", "not UTF-8", "JSON in UTF-8"));
        }
    }

    public static String write(Object tree) {
        try {
            return WRITER.writeValueAsString(tree);
        } catch (JsonProcessingException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    private static Map<String, @Nullable Object> object(
            JsonParser parser, String path, List<Fault> faults) throws IOException {
        var members = new LinkedHashMap<String, @Nullable Object>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            var memberPath = path.isEmpty() ? name : path + "." + name;
            parser.nextToken();
            if (members.containsKey(name)) {
                faults.add(new Fault(memberPath, "given twice", "given once"));
            }
            members.put(name, value(parser, memberPath, faults));
        }
        return members;
    }

    private static List<@Nullable Object> array(JsonParser parser, String path, List<Fault> faults)
            throws IOException {
        var items = new ArrayList<@Nullable Object>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser, path + "[" + items.size() + "]", faults));
        }
        return items;
    }

    private static @Nullable Object value(JsonParser parser, String path, List<Fault> faults)
            throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, path, faults);
            case START_ARRAY -> array(parser, path, faults);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> integer(parser.getBigIntegerValue());
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static Number integer(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
    }

    private static final class TreeSerializer extends StdSerializer<Tree> {
        TreeSerializer() {
            super(Tree.class);
        }

        @Override
        public void serialize(Tree tree, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            provider.defaultSerializeValue(tree.members(), json);
        }
    }
}
