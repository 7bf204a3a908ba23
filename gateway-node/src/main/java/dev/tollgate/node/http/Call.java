package dev.tollgate.node.http;

import dev.tollgate.catalogue.Dialect;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.UUID;

/// One request at the door, from its head to its last byte.
///
/// @param route the pattern of its path, for metrics: never the raw path
/// @param receivedNanos monotonic clock of this node
/// @param leaving completes when the connection is closed before the answer has ended
record Call(
        UUID id,
        String route,
        Dialect dialect,
        HttpServerRequest request,
        long receivedNanos,
        Promise<Void> leaving) {

    static Call of(
            UUID id, String route, Dialect dialect, HttpServerRequest request, long receivedNanos) {
        var leaving = Promise.<Void>promise();
        request.response().closeHandler(_ -> leaving.tryComplete());
        return new Call(id, route, dialect, request, receivedNanos, leaving);
    }

    /// Completes when nobody waits for the answer any more; never fails.
    Future<Void> left() {
        return leaving.future();
    }

    HttpServerResponse response() {
        return request.response();
    }

    String requestId() {
        return id.toString();
    }

    ProblemRenderer problems() {
        return ProblemRenderer.of(dialect);
    }
}
