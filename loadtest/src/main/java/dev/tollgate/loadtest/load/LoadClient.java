package dev.tollgate.loadtest.load;

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
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/// Sends a load and measures it.
public final class LoadClient implements AutoCloseable {

    private static final long HIGHEST_NANOS = Duration.ofMinutes(10).toNanos();
    private static final int DIGITS = 3;

    private final Vertx vertx;
    private final LongSupplier nanoTime;
    private final HttpClient client;
    private final Duration patience;

    /// @param concurrencyMax the most connections ever
    /// @param patience after which a silent request counts as broken
    /// @param nanoTime a monotonic clock
    public LoadClient(Vertx vertx, int concurrencyMax, Duration patience, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.nanoTime = nanoTime;
        this.patience = patience;
        this.client =
                vertx.createHttpClient(
                        new HttpClientOptions().setKeepAliveTimeout(600).setIdleTimeout(0),
                        new PoolOptions().setHttp1MaxSize(concurrencyMax).setEventLoopSize(1));
    }

    /// Completes when the last answer is in.
    public Future<LoadResult> run(Load load) {
        var done = Promise.<LoadResult>promise();
        vertx.getOrCreateContext().runOnContext(_ -> new Run(load, done).start());
        return done.future();
    }

    @Override
    public void close() {
        client.close();
    }

    /// One load under way; only touched on its event loop.
    private final class Run {

        private final Load load;
        private final Promise<LoadResult> done;
        private final RequestOptions options;
        private final TreeMap<Integer, Long> statuses = new TreeMap<>();
        private final Histogram latency = new Histogram(HIGHEST_NANOS, DIGITS);
        private final Histogram firstByte = new Histogram(HIGHEST_NANOS, DIGITS);
        private final long began = nanoTime.getAsLong();
        private long begun;
        private long broken;
        private int inFlight;

        Run(Load load, Promise<LoadResult> done) {
            this.load = load;
            this.done = done;
            this.options =
                    new RequestOptions()
                            .setMethod(HttpMethod.POST)
                            .setAbsoluteURI(load.target().toString())
                            .setIdleTimeout(patience.toMillis())
                            .setConnectTimeout(patience.toMillis());
            load.headers().forEach(options::putHeader);
            options.putHeader("content-type", "application/json");
        }

        void start() {
            for (int i = 0; i < load.concurrency(); i++) {
                inFlight++;
                next();
            }
        }

        private void next() {
            var now = nanoTime.getAsLong();
            if (begun >= load.requestsMax() || now - began > load.timeMax().toNanos()) {
                if (--inFlight == 0) {
                    done.complete(result(now));
                }
                return;
            }
            var body = load.body().apply(begun++);
            client.request(options)
                    .compose(request -> request.send(body))
                    .compose(response -> read(response, now))
                    .onComplete(whole -> {
                        if (whole.failed()) {
                            broken++;
                        }
                        next();
                    });
        }

        private Future<Void> read(HttpClientResponse response, long sent) {
            var first = new long[] {0};
            response.handler((Buffer _) -> {
                if (first[0] == 0) {
                    first[0] = nanoTime.getAsLong() - sent;
                }
            });
            return response.end().onSuccess(_ -> record(response.statusCode(), first[0], sent));
        }

        private void record(int status, long first, long sent) {
            statuses.merge(status, 1L, Long::sum);
            latency.recordValue(Math.min(HIGHEST_NANOS, nanoTime.getAsLong() - sent));
            if (first > 0) {
                firstByte.recordValue(Math.min(HIGHEST_NANOS, first));
            }
        }

        private LoadResult result(long now) {
            return new LoadResult(
                    statuses, broken, Duration.ofNanos(now - began), latency, firstByte);
        }
    }
}
