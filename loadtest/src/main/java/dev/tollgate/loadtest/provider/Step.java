package dev.tollgate.loadtest.provider;

import java.util.function.Supplier;

/// One event of a streamed answer.
///
/// @param outputTokens output tokens produced once this event is sent
/// @param event the bytes as text, rendered only when sent: answers can be long
record Step(Part part, long outputTokens, Supplier<String> event) {

    /// Where in the answer the event stands.
    enum Part {
        OPENING,
        CONTENT,
        CLOSING
    }
}
