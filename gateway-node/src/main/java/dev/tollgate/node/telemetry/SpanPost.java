package dev.tollgate.node.telemetry;

import dev.tollgate.caller.Secret;
import dev.tollgate.node.telemetry.SpanQueue.Batch;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Posts exports to a collector and tries again what OTLP says may be: an answer of 429, 502, 503
/// or 504, and no answer at all. Blocks; used by the sender's thread.
final class SpanPost {

    static final int TRIES_MAX = 5;

    private static final Logger LOG = LoggerFactory.getLogger(SpanPost.class);
    private static final Set<Integer> RETRYABLE = Set.of(429, 502, 503, 504);
    private static final int NO_ANSWER = 0;

    private final URI endpoint;
    private final Map<String, Secret> headers;
    private final Duration limit;
    private final SpanEnvelope envelope;
    private final Duration firstPause;
    private final LongAdder sent = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private boolean failing;

    /// @param firstPause before the second try; each later one is half as long again
    SpanPost(TelemetrySettings settings, URI endpoint, SpanEnvelope envelope, Duration firstPause) {
        this.endpoint = endpoint;
        this.headers = settings.headers();
        this.limit = settings.exportTimeout();
        this.envelope = envelope;
        this.firstPause = firstPause;
    }

    long sent() {
        return sent.sum();
    }

    /// Spans whose export failed for good.
    long lost() {
        return lost.sum();
    }

    /// From here on nothing is tried a second time.
    void stop() {
        stopping.countDown();
    }

    void send(List<Batch> export) {
        var status = post(export);
        var pause = firstPause;
        for (var tries = 1; again(status, tries, pause); tries++) {
            status = post(export);
            pause = pause.multipliedBy(3).dividedBy(2);
        }
        var taken = status >= 200 && status < 300;
        (taken ? sent : lost).add(export.stream().mapToInt(batch -> batch.spans).sum());
        tell(taken, status);
    }

    private int post(List<Batch> export) {
        var overdue = new CompletableFuture<Void>();
        try {
            var connection = (HttpURLConnection) endpoint.toURL().openConnection();
            var _ =
                    overdue.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                            .whenComplete((_, late) -> {
                                if (late != null) {
                                    // Ends a write that nobody reads, for which there is no limit.
                                    connection.disconnect();
                                }
                            });
            return post(connection, export);
        } catch (IOException unreachable) {
            return NO_ANSWER;
        } finally {
            overdue.complete(null);
        }
    }

    private int post(HttpURLConnection connection, List<Batch> export) throws IOException {
        var spanBytes = export.stream().mapToInt(batch -> batch.bytes.length()).sum();
        var head = envelope.head(spanBytes);
        var tail = envelope.tail();
        connection.setRequestMethod("POST");
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(Math.toIntExact(limit.toMillis()));
        connection.setReadTimeout(Math.toIntExact(limit.toMillis()));
        connection.setRequestProperty("content-type", "application/x-protobuf");
        headers.forEach((name, value) -> connection.setRequestProperty(name, value.reveal()));
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(head.length + spanBytes + tail.length);
        try (var out = connection.getOutputStream()) {
            out.write(head);
            for (var batch : export) {
                out.write(batch.bytes.array(), 0, batch.bytes.length());
            }
            out.write(tail);
        }
        var status = connection.getResponseCode();
        // Read to its end, so that the connection can be used again.
        try (var answer =
                status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            if (answer != null) {
                answer.transferTo(OutputStream.nullOutputStream());
            }
        }
        return status;
    }

    /// Whether to try again, after the pause before that.
    private boolean again(int status, int tries, Duration pause) {
        if (tries == TRIES_MAX || !(status == NO_ANSWER || RETRYABLE.contains(status))) {
            return false;
        }
        try {
            return !stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Says once that spans are being lost, and once that they are not any more.
    private void tell(boolean taken, int status) {
        if (taken && failing) {
            LOG.info("The trace collector takes spans again");
        } else if (!taken && !failing) {
            LOG.warn(
                    "The trace collector takes no spans: {}",
                    status == NO_ANSWER ? "no answer" : "status " + status);
        }
        failing = !taken;
    }
}
