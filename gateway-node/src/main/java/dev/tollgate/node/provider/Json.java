package dev.tollgate.node.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/// The streaming JSON parser of answers, bounded in depth and in the length of its numbers; the
/// length of strings is bounded by what holds them.
public final class Json {

    private static final int DEPTH_MAX = 500;
    private static final int NUMBER_CHARACTERS_MAX = 1_000;

    public static final JsonFactory FACTORY =
            new JsonFactoryBuilder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEPTH_MAX)
                                    .maxNumberLength(NUMBER_CHARACTERS_MAX)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private static final int LABEL_CHARACTERS_MAX = 256;

    private Json() {}

    /// The string at which `parser` stands, shortened to what a name may have; empty when it is no
    /// string. Structures are skipped.
    public static String label(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            parser.skipChildren();
            return "";
        }
        var text = parser.getText();
        return text.length() <= LABEL_CHARACTERS_MAX
                ? text
                : text.substring(0, LABEL_CHARACTERS_MAX);
    }
}
