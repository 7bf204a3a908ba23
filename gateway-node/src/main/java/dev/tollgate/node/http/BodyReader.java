package dev.tollgate.node.http;

import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads a request's body into one array, within limits of size and time.
///
/// Memory grows with what has arrived, not with what was announced.
final class BodyReader {

    private static final int FIRST_BYTES = 64 * 1024;
    private static final CharSequence EXPECT = HttpHeaders.createOptimized("expect");

    private final Vertx vertx;
    private final DoorSettings settings;

    BodyReader(Vertx vertx, DoorSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
    }

    /// Has to be called before the request's first event: in the handler of its head.
    Future<byte[]> read(HttpServerRequest request) {
        var headers = request.headers();
        var encoding = headers.get(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return Future.failedFuture(Invalid.of("content-encoding", encoding, "identity"));
        }
        var announced = announced(headers.get(HttpHeaders.CONTENT_LENGTH));
        if (announced > settings.bodyBytesMax()) {
            return Refusal.of(new Problem.BodyTooLarge(settings.bodyBytesMax()));
        }
        var expect = headers.get(EXPECT);
        if (expect != null) {
            if (!expect.equalsIgnoreCase("100-continue")) {
                return Future.failedFuture(Invalid.of("expect", expect, "100-continue"));
            }
            request.response().writeContinue();
        }
        var reading = new Reading(settings.bodyBytesMax(), announced);
        reading.start(vertx, request, settings);
        return reading.whole.future();
    }

    /// -1 when the body comes in chunks. Netty has refused what is not a number.
    private static long announced(@Nullable String length) {
        return length == null ? -1 : Long.parseLong(length.strip());
    }

    /// One body on its way in. Event loop of the request only.
    private static final class Reading {
        private final Promise<byte[]> whole = Promise.promise();
        private final int bytesMax;
        private byte[] bytes;
        private int length;

        Reading(int bytesMax, long announced) {
            this.bytesMax = bytesMax;
            var first = announced < 0 ? FIRST_BYTES : (int) Math.min(announced, FIRST_BYTES);
            this.bytes = new byte[first];
        }

        void start(Vertx vertx, HttpServerRequest request, DoorSettings settings) {
            var slow = new Problem.BodyTooSlow(settings.bodyTimeout());
            var timer =
                    vertx.setTimer(
                            settings.bodyTimeout().toMillis(),
                            _ -> whole.tryFail(new Refusal(slow)));
            request.handler(this::take);
            request.endHandler(_ -> whole.tryComplete(trimmed()));
            // The client has left, or what it sends is no longer HTTP.
            request.exceptionHandler(_ -> whole.tryFail(brokenOff()));
            whole.future().onComplete(_ -> vertx.cancelTimer(timer));
        }

        private void take(Buffer chunk) {
            if (whole.future().isComplete()) {
                return;
            }
            var needed = length + chunk.length();
            if (needed > bytesMax) {
                whole.tryFail(new Refusal(new Problem.BodyTooLarge(bytesMax)));
                bytes = new byte[0];
                return;
            }
            if (needed > bytes.length) {
                bytes =
                        Arrays.copyOf(
                                bytes, (int) Math.min(bytesMax, Math.max(needed, 2L * length)));
            }
            chunk.getBytes(bytes, length);
            length = needed;
        }

        private static Refusal brokenOff() {
            return Invalid.of("body", "broken off", "a complete body");
        }

        private byte[] trimmed() {
            return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        }
    }
}
