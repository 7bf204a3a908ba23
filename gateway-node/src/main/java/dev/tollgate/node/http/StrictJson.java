package dev.tollgate.node.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.tollgate.problem.Refusal;
import java.io.IOException;

/// JSON that every reader takes for the same: UTF-8, no key twice, within limits.
final class StrictJson {

    static final int DEPTH_MAX = 128;

    private static final int NUMBER_CHARACTERS_MAX = 1_000;
    private static final int NAME_CHARACTERS_MAX = 50_000;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    // Only UTF-8, checked beforehand: a body in UTF-16 would be parsed otherwise.
                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEPTH_MAX)
                                    .maxNumberLength(NUMBER_CHARACTERS_MAX)
                                    .maxNameLength(NAME_CHARACTERS_MAX)
                                    // The door has limited the body as a whole.
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private StrictJson() {}

    /// Reads a value from a parser.
    @FunctionalInterface
    interface Reading<T> {
        T from(JsonParser parser) throws IOException;
    }

    /// @throws Refusal when `body` is not such JSON, or `reading` says so
    static <T> T read(byte[] body, Reading<T> reading) {
        var invalid = Utf8.firstInvalid(body);
        if (invalid >= 0) {
            throw Invalid.of("body", "not UTF-8 at byte " + invalid, "UTF-8");
        }
        try (var parser = JSON.createParser(body)) {
            return refusingFaults(parser, reading);
        } catch (IOException impossible) {
            throw new IllegalStateException("reading from memory", impossible);
        }
    }

    private static <T> T refusingFaults(JsonParser parser, Reading<T> reading) throws IOException {
        try {
            return reading.from(parser);
        } catch (StreamConstraintsException tooMuch) {
            throw Invalid.of("body", "beyond a limit" + at(tooMuch), limits());
        } catch (JsonProcessingException malformed) {
            throw malformed(parser, malformed);
        } catch (IllegalStateException collisions) {
            // Jackson's answer to keys made to collide in its table of names.
            throw Invalid.of("body", "too many colliding keys", "ordinary keys");
        }
    }

    private static Refusal malformed(JsonParser parser, JsonProcessingException fault)
            throws IOException {
        if (fault.getOriginalMessage().startsWith("Duplicate")) {
            var key = parser.currentName();
            return Invalid.of(key == null ? "body" : key, "given twice", "each key once");
        }
        return Invalid.of("body", "malformed JSON" + at(fault), "one JSON object");
    }

    private static String at(JsonProcessingException fault) {
        var location = fault.getLocation();
        return location == null ? "" : " at byte " + location.getByteOffset();
    }

    private static String limits() {
        return "at most "
                + DEPTH_MAX
                + " levels of nesting, keys of "
                + NAME_CHARACTERS_MAX
                + " and numbers of "
                + NUMBER_CHARACTERS_MAX
                + " characters";
    }
}
