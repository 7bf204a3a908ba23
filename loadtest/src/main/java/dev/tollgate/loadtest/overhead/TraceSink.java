package dev.tollgate.loadtest.overhead;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.GZIPInputStream;

/// Takes traces over OTLP (HTTP with protobuf, or gRPC), counts their spans and drops them.
final class TraceSink implements AutoCloseable {

    private static final int GRPC_FRAME_HEADER = 5;

    private final HttpServer server;
    private final LongAdder spans = new LongAdder();
    private final LongAdder unreadable = new LongAdder();

    private TraceSink(Vertx vertx) {
        this.server =
                vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                        .requestHandler(this::receive);
    }

    static TraceSink start(Vertx vertx) {
        var sink = new TraceSink(vertx);
        try {
            sink.server.listen().await(10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the trace receiver did not start", e);
        }
        return sink;
    }

    int port() {
        return server.actualPort();
    }

    long spans() {
        return spans.sum();
    }

    /// Exports that could not be read: not zero means the span count is too low.
    long unreadable() {
        return unreadable.sum();
    }

    private void receive(HttpServerRequest request) {
        var grpc = String.valueOf(request.getHeader("content-type")).contains("grpc");
        var gzip = "gzip".equals(request.getHeader(grpc ? "grpc-encoding" : "content-encoding"));
        request.body()
                .onSuccess(body -> {
                    count(body, grpc, gzip);
                    answer(request, grpc);
                });
    }

    private void count(Buffer body, boolean grpc, boolean gzip) {
        try {
            var bytes = grpc ? body.getBytes(GRPC_FRAME_HEADER, body.length()) : body.getBytes();
            spans.add(SpanCount.of(gzip ? unzipped(bytes) : bytes));
        } catch (IOException | IndexOutOfBoundsException e) {
            unreadable.increment();
        }
    }

    private static byte[] unzipped(byte[] bytes) throws IOException {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }

    private static void answer(HttpServerRequest request, boolean grpc) {
        var response = request.response();
        if (grpc) {
            // An empty message in its frame, then the status as a trailer.
            response.putHeader("content-type", "application/grpc")
                    .putTrailer("grpc-status", "0")
                    .end(Buffer.buffer(new byte[GRPC_FRAME_HEADER]));
        } else {
            response.putHeader("content-type", "application/x-protobuf").end();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
