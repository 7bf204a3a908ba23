package dev.tollgate.node.stream;

import com.fasterxml.jackson.core.JsonParser;
import dev.tollgate.path.ModelRequest.Place;
import java.io.IOException;

/// Where in its source a parser's values are. The source must be a byte array read from its start.
public final class JsonPlaces {

    private JsonPlaces() {}

    /// The bytes of the value the parser is at; a composite value is read to its end.
    public static Place currentValue(JsonParser parser) throws IOException {
        var from = parser.currentTokenLocation().getByteOffset();
        if (parser.currentToken().isStructStart()) {
            parser.skipChildren();
        } else {
            // Strings are decoded lazily: without this the end is not yet known.
            parser.finishToken();
        }
        return new Place((int) from, (int) parser.currentLocation().getByteOffset());
    }
}
