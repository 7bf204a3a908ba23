package dev.tollgate.node.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.function.LongSupplier;

/// Closes connections that are without a request for too long, be they idle or sending a head drop
/// by drop.
///
/// A timeout on the connection's traffic would do neither: a slow head is traffic, and an answer
/// that takes its time is none. Used on one event loop.
final class ConnectionWatch {

    private final IdentityHashMap<HttpConnection, Activity> connections = new IdentityHashMap<>();
    private final long idleNanosMax;
    private final LongSupplier nanoTime;

    ConnectionWatch(long idleNanosMax, LongSupplier nanoTime) {
        this.idleNanosMax = idleNanosMax;
        this.nanoTime = nanoTime;
    }

    /// What a connection is doing. A client may send requests ahead of answers, so they are
    /// counted.
    private static final class Activity {
        int requests;
        long idleSinceNanos;
    }

    void opened(HttpConnection connection) {
        var activity = new Activity();
        activity.idleSinceNanos = nanoTime.getAsLong();
        connections.put(connection, activity);
        connection.closeHandler(_ -> connections.remove(connection));
    }

    void began(HttpServerRequest request) {
        var activity = connections.get(request.connection());
        if (activity != null) {
            activity.requests++;
            request.response().bodyEndHandler(_ -> ended(activity));
        }
    }

    /// Closes what has been idle for too long.
    void sweep() {
        var now = nanoTime.getAsLong();
        for (var entry : new ArrayList<>(connections.entrySet())) {
            var activity = entry.getValue();
            if (activity.requests == 0 && now - activity.idleSinceNanos >= idleNanosMax) {
                entry.getKey().close();
            }
        }
    }

    private void ended(Activity activity) {
        activity.requests--;
        activity.idleSinceNanos = nanoTime.getAsLong();
    }
}
