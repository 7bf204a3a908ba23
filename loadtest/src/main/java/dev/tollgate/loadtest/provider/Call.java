package dev.tollgate.loadtest.provider;

import io.netty.channel.ChannelOption;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One request at the simulated provider while it lasts. Written on the server's event loop, read
/// from any thread through [#seen()].
final class Call {

    final long number;
    final Dialect dialect;
    final HttpServerRequest request;
    final String path;

    private final InstantSource clock;
    private final MultiMap headers;
    private final Instant arrived;
    private final Buffer body = Buffer.buffer();
    private ModelRequest model = ModelRequest.NONE;
    private int chunksSent;
    private boolean closedEarly;
    private @Nullable Instant ended;

    Call(long number, Dialect dialect, HttpServerRequest request, InstantSource clock) {
        this.number = number;
        this.dialect = dialect;
        this.request = request;
        this.path = pathOf(request);
        this.clock = clock;
        this.headers = MultiMap.caseInsensitiveMultiMap().addAll(request.headers());
        this.arrived = clock.instant();
    }

    static String pathOf(HttpServerRequest request) {
        var path = request.path();
        return path == null ? "/" : path;
    }

    synchronized SeenRequest seen() {
        return new SeenRequest(
                number,
                dialect,
                request.method().name(),
                path,
                request.uri(),
                headers,
                body.copy(),
                model,
                arrived,
                chunksSent,
                closedEarly,
                Optional.ofNullable(ended));
    }

    synchronized void receive(Buffer bytes) {
        body.appendBuffer(bytes);
    }

    synchronized void parse() {
        model = RequestReader.read(body.getBytes());
    }

    synchronized void chunkSent() {
        chunksSent++;
    }

    synchronized void end(boolean early) {
        if (ended == null) {
            ended = clock.instant();
            closedEarly = early;
        }
    }

    synchronized ModelRequest model() {
        return model;
    }

    String providerRequestId() {
        return "req_" + dialect.name().toLowerCase(Locale.ROOT) + "_" + number;
    }

    String gatewayRequestId() {
        var id = headers.get("x-request-id");
        return id == null ? "" : id;
    }

    /// Ends the connection at once, without the end of the HTTP body.
    void close() {
        request.connection().close();
    }

    /// Ends the connection by a TCP reset. Vert.x has no call for it, so it goes to the channel.
    void reset() {
        var channel = ((ConnectionBase) request.connection()).channel();
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        // Nothing follows the close, whatever comes of it.
        var _ = channel.close();
    }
}
