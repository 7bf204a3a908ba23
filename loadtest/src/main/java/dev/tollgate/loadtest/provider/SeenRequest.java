package dev.tollgate.loadtest.provider;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Optional;

/// A request as the simulated provider saw it.
///
/// @param number counts from 1 in the order of arrival
/// @param target path and query
/// @param body as received, up to the moment of asking
/// @param model what the provider understood of it
/// @param chunksSent chunks of content sent so far
/// @param closedEarly whether the caller closed the connection before the answer was complete
/// @param ended when the answer was complete or the connection gone
public record SeenRequest(
        long number,
        Dialect dialect,
        String method,
        String path,
        String target,
        MultiMap headers,
        Buffer body,
        ModelRequest model,
        Instant arrived,
        int chunksSent,
        boolean closedEarly,
        Optional<Instant> ended) {

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    @Override
    public String toString() {
        return "#" + number + " " + method + " " + target + " (" + body.length() + " bytes)";
    }
}
