package dev.tollgate.node.http;

import dev.tollgate.node.stream.RelayStream;
import dev.tollgate.problem.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.LongSupplier;

/// Relays one stream to its client, chunk by chunk, as fast as the client reads.
///
/// A clean end of the stream is a clean end of the answer. Anything else becomes the dialect's
/// error event, when the stream is between events, and then a reset: clients take a clean end for
/// success. Event loop of the request only.
final class StreamRelay {

    private final Call call;
    private final HttpServerResponse response;
    private final RelayStream stream;
    private final DoorSettings settings;
    private final LongSupplier nanoTime;

    private long writtenNanos;
    private boolean stalled;
    private boolean over;

    private StreamRelay(
            Call call, RelayStream stream, DoorSettings settings, LongSupplier nanoTime) {
        this.call = call;
        this.response = call.response();
        this.stream = stream;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.writtenNanos = nanoTime.getAsLong();
    }

    /// Sends the head at once and then whatever comes.
    static void start(
            Vertx vertx,
            Call call,
            RelayStream stream,
            DoorSettings settings,
            LongSupplier nanoTime) {
        new StreamRelay(call, stream, settings, nanoTime).start(vertx);
    }

    private void start(Vertx vertx) {
        response.setChunked(true).setWriteQueueMaxSize(settings.writeQueueBytes());
        response.writeHead();
        var timer = vertx.setPeriodic(settings.heartbeatAfter().toMillis() / 2, _ -> look());
        call.left().onComplete(_ -> finish(vertx, timer));
        response.endHandler(_ -> finish(vertx, timer));
        stream.exceptionHandler(this::fail);
        stream.endHandler(_ -> end());
        stream.handler(this::relay);
        stream.resume();
    }

    private void relay(Buffer chunk) {
        if (over) {
            return;
        }
        write(chunk);
        if (response.writeQueueFull()) {
            stalled = true;
            stream.pause();
            response.drainHandler(_ -> drained());
        }
    }

    private void drained() {
        stalled = false;
        writtenNanos = nanoTime.getAsLong();
        stream.resume();
    }

    private void write(Buffer chunk) {
        writtenNanos = nanoTime.getAsLong();
        response.write(chunk);
    }

    private void look() {
        if (over) {
            return;
        }
        var silent = nanoTime.getAsLong() - writtenNanos;
        if (stalled && silent >= settings.writeStallMax().toNanos()) {
            over = true;
            Connections.drop(call.request().connection());
        } else if (!stalled
                && silent >= settings.heartbeatAfter().toNanos()
                && stream.betweenEvents()) {
            write(call.problems().heartbeat());
        }
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        response.end();
    }

    private void fail(Throwable failure) {
        if (over) {
            return;
        }
        over = true;
        Problem problem = Answers.problemOf(call, failure);
        if (stream.betweenEvents() && !response.closed()) {
            response.write(call.problems().event(problem, call.requestId()))
                    .onComplete(_ -> response.reset());
        } else {
            response.reset();
        }
    }

    private void finish(Vertx vertx, long timer) {
        over = true;
        vertx.cancelTimer(timer);
    }
}
