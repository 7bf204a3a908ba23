package dev.tollgate.node.provider;

import dev.tollgate.loadtest.provider.SimulatedProvider;
import dev.tollgate.node.stream.RelayStream;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.TrustOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/// A provider's client on an event loop, as a request's path has it, and a simulated provider.
public final class Rig implements AutoCloseable {

    private static final long WAIT_SECONDS = 20;

    public final SimulatedProvider provider = SimulatedProvider.start();
    public final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();

    /// What arrived of a stream, and how it ended.
    public record Received(
            Reply head, byte[] bytes, Optional<Problem> problem, Optional<Boolean> between) {

        public String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        public UsageReport report() {
            return await(head.outcome()).report();
        }
    }

    public UpstreamHttp http(ProviderSettings settings) {
        return http(settings, Optional.empty());
    }

    public UpstreamHttp http(ProviderSettings settings, Optional<TrustOptions> trust) {
        return UpstreamHttp.open(vertx, settings, trust, System::nanoTime);
    }

    public static ProviderSettings impatient() {
        return ProviderSettings.DEFAULTS.withTimeouts(
                Duration.ofMillis(400), Duration.ofMillis(400), Duration.ofMillis(400));
    }

    /// Sends on the event loop.
    public Future<Reply> send(ProviderClient client, Exchange exchange) {
        var reply = Promise.<Reply>promise();
        loop.runOnContext(_ -> client.send(exchange).onComplete(reply));
        return reply.future();
    }

    public Reply reply(ProviderClient client, Exchange exchange) {
        return await(send(client, exchange));
    }

    /// The refusal a call ends with.
    public Refusal refusal(ProviderClient client, Exchange exchange) {
        return await(
                send(client, exchange)
                        .transform(result ->
                                result.cause() instanceof Refusal refusal
                                        ? Future.succeededFuture(refusal)
                                        : Future.failedFuture("refused: no (" + result + ")")));
    }

    public static String body(Reply reply) {
        return new String(((Reply.Whole) reply.body()).bytes(), StandardCharsets.UTF_8);
    }

    public static Outcome outcome(Reply reply) {
        return await(reply.outcome());
    }

    /// Reads a stream to its end, as fast as it comes.
    public Received stream(ProviderClient client, Exchange exchange) {
        return read(reply(client, exchange), RelayStream::resume, _ -> stream -> {});
    }

    /// @param start sets the stream going
    /// @param react what to do after each chunk
    public Received read(
            Reply reply,
            Consumer<RelayStream> start,
            Function<Buffer, Consumer<RelayStream>> react) {
        var stream = (RelayStream) reply.body();
        var all = Buffer.buffer();
        var end = Promise.<Received>promise();
        loop.runOnContext(_ -> {
            stream.handler(chunk -> {
                all.appendBuffer(chunk);
                react.apply(all).accept(stream);
            });
            stream.endHandler(_ -> end.tryComplete(received(reply, all, null)));
            stream.exceptionHandler(failure -> end.tryComplete(received(reply, all, failure)));
            reply.outcome()
                    .onSuccess(_ ->
                            vertx.runOnContext(_ ->
                                    end.tryComplete(
                                            new Received(
                                                    reply,
                                                    all.getBytes(),
                                                    Optional.empty(),
                                                    Optional.empty()))));
            start.accept(stream);
        });
        return await(end.future());
    }

    /// Reads a stream whose outcome may be known before its last events have come.
    public Received readToTheEnd(Reply reply) {
        var stream = (RelayStream) reply.body();
        var all = Buffer.buffer();
        var end = Promise.<Received>promise();
        loop.runOnContext(_ -> {
            stream.handler(all::appendBuffer);
            stream.endHandler(_ -> end.tryComplete(received(reply, all, null)));
            stream.exceptionHandler(failure -> end.tryComplete(received(reply, all, failure)));
            stream.resume();
        });
        return await(end.future());
    }

    private static Received received(
            Reply reply, Buffer all, @org.jspecify.annotations.Nullable Throwable failure) {
        var between = ((RelayStream) reply.body()).betweenEvents();
        var problem =
                failure instanceof Refusal refusal
                        ? Optional.of(refusal.problem())
                        : Optional.<Problem>empty();
        return new Received(reply, all.getBytes(), problem, Optional.of(between));
    }

    public static <T> T await(Future<T> future) {
        try {
            return future.await(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new AssertionError("not complete within " + WAIT_SECONDS + " s", late);
        }
    }

    @Override
    public void close() {
        provider.close();
        await(vertx.close());
    }
}
