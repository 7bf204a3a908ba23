package dev.tollgate.node.http;

import dev.tollgate.node.stream.RelayStream;
import dev.tollgate.problem.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Relays one stream to its client, chunk by chunk, as fast as the client reads.
///
/// Nothing waits for more to come. But chunks that came from the network together are written
/// together, when the event loop is done with what came: each write is a call of the kernel, which
/// costs more than all else that is done with a chunk.
///
/// A clean end of the stream is a clean end of the answer. Anything else becomes the dialect's
/// error event, when the stream is between events, and then a reset: clients take a clean end for
/// success. Event loop of the request only.
final class StreamRelay {

    /// Written at once even if more has come.
    private static final int TOGETHER_BYTES_MAX = 64 * 1024;

    private final Vertx vertx;
    private final Call call;
    private final HttpServerResponse response;
    private final RelayStream stream;
    private final DoorSettings settings;
    private final LongSupplier nanoTime;

    private @Nullable Buffer come;
    private boolean copied;
    private boolean writing;
    private long writtenNanos;
    private boolean stalled;
    private boolean over;

    private StreamRelay(
            Vertx vertx,
            Call call,
            RelayStream stream,
            DoorSettings settings,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.call = call;
        this.response = call.response();
        this.stream = stream;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.writtenNanos = nanoTime.getAsLong();
    }

    /// Sends the head, without waiting for a first chunk, and then whatever comes.
    static void start(
            Vertx vertx,
            Call call,
            RelayStream stream,
            DoorSettings settings,
            LongSupplier nanoTime) {
        new StreamRelay(vertx, call, stream, settings, nanoTime).start();
    }

    private void start() {
        response.setChunked(true).setWriteQueueMaxSize(settings.writeQueueBytes());
        writeSoon();
        var timer = vertx.setPeriodic(settings.heartbeatAfter().toMillis() / 2, _ -> look());
        call.left().onComplete(_ -> finish(timer));
        response.endHandler(_ -> finish(timer));
        stream.exceptionHandler(this::fail);
        stream.endHandler(_ -> end());
        stream.handler(this::relay);
        stream.resume();
    }

    private void relay(Buffer chunk) {
        if (over) {
            return;
        }
        join(chunk);
        if (come != null && come.length() >= TOGETHER_BYTES_MAX) {
            write();
        } else {
            writeSoon();
        }
    }

    private void join(Buffer chunk) {
        if (come == null) {
            come = chunk;
            copied = false;
            return;
        }
        if (!copied) {
            come = Buffer.buffer(4 * (come.length() + chunk.length())).appendBuffer(come);
            copied = true;
        }
        come.appendBuffer(chunk);
    }

    private void writeSoon() {
        if (!writing) {
            writing = true;
            vertx.runOnContext(_ -> {
                writing = false;
                write();
            });
        }
    }

    /// What has come, or else the head.
    private void write() {
        if (over) {
            return;
        }
        if (come != null) {
            write(taken());
            if (response.writeQueueFull()) {
                stalled = true;
                stream.pause();
                response.drainHandler(_ -> drained());
            }
        } else if (!response.headWritten()) {
            response.writeHead();
        }
    }

    private Buffer taken() {
        var taken = come == null ? Buffer.buffer() : come;
        come = null;
        return taken;
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
                && come == null
                && stream.betweenEvents()) {
            write(call.problems().heartbeat());
        }
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        response.end(taken());
    }

    private void fail(Throwable failure) {
        if (over) {
            return;
        }
        over = true;
        Problem problem = Answers.problemOf(call, failure);
        if (response.closed()) {
            return;
        }
        var last = taken().copy();
        if (stream.betweenEvents()) {
            last.appendBuffer(call.problems().event(problem, call.requestId()));
        }
        response.write(last).onComplete(_ -> response.reset());
    }

    private void finish(long timer) {
        over = true;
        vertx.cancelTimer(timer);
    }
}
