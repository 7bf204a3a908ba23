package dev.tollgate.node.provider.sandbox;

import static java.util.Objects.requireNonNull;

import dev.tollgate.node.provider.ProviderClient;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.TokenCounter;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Answers by itself, in both dialects, with what it was asked: to see that everything works before
/// there is a key for any provider. It costs nothing.
///
/// Answers are composed on a worker thread, since prompts can be large and have to be counted.
public final class SandboxClient implements ProviderClient {

    /// The one model the sandbox has, by the name callers use.
    public static final String MODEL = "sandbox/echo";

    private static final int STATUS_CLIENT_LEFT = 499;

    private final Vertx vertx;
    private final SandboxModel model;
    private final LongSupplier nanoTime;

    /// @param nanoTime a monotonic clock
    public SandboxClient(Vertx vertx, TokenCounter counter, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.model = new SandboxModel(counter);
        this.nanoTime = nanoTime;
    }

    @Override
    public Future<Reply> send(Exchange exchange) {
        var startedNanos = nanoTime.getAsLong();
        return vertx.executeBlocking(() -> compose(exchange), false)
                .map(composed -> reply(exchange, requireNonNull(composed), startedNanos));
    }

    private Composed compose(Exchange exchange) {
        return switch (exchange.endpoint()) {
            case CHAT_COMPLETIONS -> OpenAiShapes.chat(exchange, model);
            case EMBEDDINGS -> OpenAiShapes.embeddings(exchange, model);
            case MESSAGES -> AnthropicShapes.message(exchange, model);
            case COUNT_TOKENS -> AnthropicShapes.count(exchange, model);
        };
    }

    private Reply reply(Exchange exchange, Composed composed, long startedNanos) {
        if (exchange.left().isComplete()) {
            var report = report(Completion.CLIENT_LEFT, composed.usage(), "", startedNanos, 0);
            return whole(STATUS_CLIENT_LEFT, Buffer.buffer(), report);
        }
        var firstByteNanos = nanoTime.getAsLong() - startedNanos;
        if (!composed.streamed()) {
            var usage = composed.usage();
            var report = report(Completion.COMPLETE, usage, "", startedNanos, firstByteNanos);
            return whole(200, composed.events().getFirst().bytes(), report);
        }
        var stream = new SandboxStream(composed.events());
        exchange.left().onComplete(_ -> stream.clientLeft());
        return new Reply(
                200,
                List.of(Map.entry("content-type", "text/event-stream; charset=utf-8")),
                stream,
                stream.ended()
                        .map(completion ->
                                outcome(
                                        completion,
                                        composed,
                                        stream,
                                        startedNanos,
                                        firstByteNanos)));
    }

    private static Reply whole(int status, Buffer body, UsageReport report) {
        return new Reply(
                status,
                List.of(Map.entry("content-type", "application/json")),
                new Reply.Whole(body.getBytes()),
                Future.succeededFuture(Outcome.unsettled(report)));
    }

    private Outcome outcome(
            Completion completion,
            Composed composed,
            SandboxStream stream,
            long startedNanos,
            long firstByteNanos) {
        var told = composed.usage();
        var usage =
                completion == Completion.COMPLETE
                        ? told
                        : Usage.of(told.uncachedInput(), stream.outputTokensSoFar());
        return Outcome.unsettled(
                report(completion, usage, stream.delivered(), startedNanos, firstByteNanos));
    }

    private UsageReport report(
            Completion completion,
            Usage usage,
            String delivered,
            long startedNanos,
            long firstByteNanos) {
        return new UsageReport(
                completion,
                Optional.of(usage),
                Optional.of(Usage.of(usage.uncachedInput(), 0)),
                true,
                200,
                delivered,
                MODEL,
                "",
                "",
                firstByteNanos,
                nanoTime.getAsLong() - startedNanos,
                "");
    }
}
