package dev.tollgate.node.provider.sandbox;

import dev.tollgate.tokens.Usage;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/// An answer, ready to be sent.
///
/// @param events those of a stream, or a single one that is the whole answer
record Composed(boolean streamed, List<Event> events, Usage usage) {

    /// @param text what it delivers of the answer's text
    /// @param outputTokens of the answer once it is sent
    record Event(Buffer bytes, String text, long outputTokens) {}

    static Composed whole(String json, Usage usage) {
        return new Composed(
                false, List.of(new Event(Buffer.buffer(json), "", usage.output())), usage);
    }
}
