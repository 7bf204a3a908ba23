package dev.tollgate.loadtest.fault;

import dev.tollgate.loadtest.provider.Dialect;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Clients that try nothing twice, use a connection for each call, and keep a record of all they
/// got. Safe for several threads.
final class Clients implements AutoCloseable {

    private static final int CONNECTIONS_MAX = 4_000;
    private static final int CONNECT_MILLIS = 3_000;
    private static final int TAIL_BYTES = 256;

    private final Vertx vertx;
    private final HttpClient http;
    private final LongSupplier nanoTime;
    private final List<CallRecord> records = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean closed;

    Clients(Vertx vertx, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.nanoTime = nanoTime;
        this.http =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setKeepAlive(false)
                                .setConnectTimeout(CONNECT_MILLIS),
                        new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX));
    }

    /// A call under way.
    static final class Running {
        private final Promise<CallRecord> end = Promise.promise();
        private final AtomicLong bytes = new AtomicLong();
        private volatile boolean over;

        /// Its answer has begun and not ended.
        boolean isLive() {
            return bytes.get() > 0 && !over;
        }

        CallRecord await(Duration most) {
            try {
                return end.future().await(most.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                throw new IllegalStateException("a client's call does not end", e);
            }
        }

        Future<CallRecord> future() {
            return end.future();
        }
    }

    Running send(ClientCall call) {
        var begun = new Running();
        running.incrementAndGet();
        if (closed) {
            new Exchange(call, begun).end("the clients are closed");
            return begun;
        }
        vertx.getOrCreateContext().runOnContext(_ -> new Exchange(call, begun).send());
        return begun;
    }

    /// Calls that have not ended.
    int running() {
        return running.get();
    }

    List<CallRecord> records() {
        synchronized (records) {
            return List.copyOf(records);
        }
    }

    @Override
    public void close() {
        closed = true;
        http.close();
    }

    /// One call and its answer; only touched on its event loop.
    private final class Exchange {

        private final ClientCall call;
        private final Running begun;
        private final long sent = nanoTime.getAsLong();
        private int status;
        private String requestId = "";
        private String tail = "";

        Exchange(ClientCall call, Running begun) {
            this.call = call;
            this.begun = begun;
        }

        void send() {
            var options =
                    new RequestOptions()
                            .setMethod(HttpMethod.POST)
                            .setAbsoluteURI(call.origin() + call.path())
                            .putHeader("content-type", "application/json")
                            .putHeader("x-app-user-id", call.endUser())
                            .putHeader("x-tollgate-key", call.key());
            if (call.dialect() == Dialect.ANTHROPIC) {
                options.putHeader("anthropic-version", "2023-06-01");
            }
            http.request(options)
                    .compose(request -> {
                        var timer =
                                vertx.setTimer(call.patience().toMillis(), _ -> request.reset());
                        return request.send(Buffer.buffer(call.body()))
                                .compose(this::read)
                                .onComplete(_ -> vertx.cancelTimer(timer));
                    })
                    .onSuccess(_ -> end(""))
                    .onFailure(failure -> end(String.valueOf(failure.getMessage())));
        }

        private Future<Void> read(HttpClientResponse response) {
            status = response.statusCode();
            requestId = String.valueOf(response.headers().get("x-request-id"));
            response.handler((Buffer bytes) -> {
                begun.bytes.addAndGet(bytes.length());
                var text = tail + bytes;
                tail = text.substring(Math.max(0, text.length() - TAIL_BYTES));
            });
            return response.end();
        }

        private void end(String failure) {
            var whole =
                    failure.isEmpty() && (!call.streamed() || tail.contains(call.successMark()));
            var why = failure.isEmpty() && !(whole && status == 200) ? tail : failure;
            var record =
                    new CallRecord(
                            call,
                            sent,
                            nanoTime.getAsLong(),
                            status,
                            requestId,
                            begun.bytes.get(),
                            whole,
                            why);
            synchronized (records) {
                records.add(record);
            }
            begun.over = true;
            running.decrementAndGet();
            begun.end.complete(record);
        }
    }
}
