package dev.tollgate.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Spans on their way to a collector that does not always take them.
class SpanQueueIT {

    private final Queue<Integer> answers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger posts = new AtomicInteger();
    private volatile CountDownLatch held = new CountDownLatch(0);
    private HttpServer collector;
    private SpanPost post;
    private SpanQueue queue;
    private SdkTracerProvider provider;

    @BeforeEach
    void start() throws IOException {
        collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext(
                "/",
                exchange -> {
                    posts.incrementAndGet();
                    exchange.getRequestBody().readAllBytes();
                    var answer = answers.poll();
                    await(held);
                    exchange.sendResponseHeaders(answer == null ? 200 : answer, -1);
                    exchange.close();
                });
        collector.start();
        post =
                new SpanPost(
                        TelemetrySettings.from(Map.of()),
                        URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + "/"),
                        new SpanEnvelope(Resource.empty(), "test", GenAiNames.SCHEMA_URL),
                        Duration.ofMillis(1));
        queue = new SpanQueue(post);
        provider = SdkTracerProvider.builder().addSpanProcessor(queue).build();
    }

    @AfterEach
    void stop() {
        held.countDown();
        provider.close();
        collector.stop(0);
    }

    @Test
    void what_a_busy_collector_refuses_is_sent_again() {
        answers.add(503);
        answers.add(429);

        end(provider.get("test"), 1);
        flush();

        assertThat(posts).hasValue(3);
        assertThat(post.sent()).isEqualTo(1);
        assertThat(post.lost()).isZero();
    }

    @Test
    void what_a_collector_never_takes_is_lost_and_counted() {
        answers.add(400);

        end(provider.get("test"), 2);
        flush();

        assertThat(posts).hasValue(1);
        assertThat(post.lost()).isEqualTo(2);
    }

    @Test
    void tries_have_an_end() {
        for (var i = 0; i < SpanPost.TRIES_MAX; i++) {
            answers.add(503);
        }

        end(provider.get("test"), 1);
        flush();

        assertThat(posts).hasValue(SpanPost.TRIES_MAX);
        assertThat(post.lost()).isEqualTo(1);
    }

    @Test
    void many_spans_are_several_exports() {
        end(provider.get("test"), 30_000);
        flush();

        assertThat(posts.get()).isBetween(2, 20);
        assertThat(post.sent()).isEqualTo(30_000);
    }

    @Test
    void past_the_bound_spans_are_dropped_and_counted() {
        held = new CountDownLatch(1);

        end(provider.get("test"), 200_000);

        assertThat(queue.dropped()).isPositive();
    }

    @Test
    void without_being_asked_a_span_is_sent_within_seconds() {
        end(provider.get("test"), 1);

        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (post.sent() == 0 && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertThat(post.sent()).isEqualTo(1);
    }

    @Test
    void the_end_sends_what_waits() {
        end(provider.get("test"), 3);

        queue.shutdown().join(20, TimeUnit.SECONDS);

        assertThat(post.sent()).isEqualTo(3);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(Tracer tracer, int spans) {
        for (var i = 0; i < spans; i++) {
            tracer.spanBuilder("span").startSpan().setAttribute("text", "some text").end();
        }
    }

    private void flush() {
        assertThat(queue.forceFlush().join(20, TimeUnit.SECONDS).isSuccess()).isTrue();
    }
}
