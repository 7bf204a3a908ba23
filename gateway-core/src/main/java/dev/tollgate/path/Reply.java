package dev.tollgate.path;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An answer on its way back: its head now, its outcome after its last byte.
///
/// @param headers names in lower case, in their order; framing headers are the door's
/// @param outcome completes when nothing more will be relayed and the attempt is settled; never
///   fails
public record Reply(
        int status, List<Map.Entry<String, String>> headers, Body body, Future<Outcome> outcome) {

    public Reply {
        headers = List.copyOf(headers);
    }

    /// The bytes of an answer.
    public sealed interface Body {}

    /// All of them at once.
    public record Whole(byte[] bytes) implements Body {

        @Override
        public String toString() {
            return "Whole[" + bytes.length + " bytes]";
        }
    }

    /// As they arrive, with back-pressure. The node's codecs implement it and its door reads it.
    public non-sealed interface Streamed extends Body {

        /// How many output tokens have been relayed, estimated from below.
        long outputTokensSoFar();
    }

    public Reply withHeader(String name, String value) {
        return withHeaders(List.of(Map.entry(name, value)));
    }

    public Reply withHeaders(List<Map.Entry<String, String>> more) {
        var joined = new ArrayList<>(headers);
        joined.addAll(more);
        return new Reply(status, joined, body, outcome);
    }

    public Reply withOutcome(Future<Outcome> later) {
        return new Reply(status, headers, body, later);
    }
}
