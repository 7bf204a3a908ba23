package dev.tollgate.budget;

import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.path.Exchange;
import dev.tollgate.tokens.Counting;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;

/// What an attempt used when its provider did not say: never nothing once it got there, and never
/// more than was held for it.
final class Estimates {

    /// When counting fails: English is about four bytes a token.
    private static final long BYTES_PER_TOKEN = 4;

    private final Counting counting;
    private final TokenRatio ratio;

    Estimates(Counting counting, TokenRatio ratio) {
        this.counting = counting;
        this.ratio = ratio;
    }

    Future<Usage> usage(Exchange exchange, UsageReport report, Amounts held) {
        if (exchange.endpoint() == Endpoint.COUNT_TOKENS) {
            return Future.succeededFuture(Usage.NONE);
        }
        return Future.all(input(exchange, report, held), output(exchange, report, held))
                .map(both -> joined(both.resultAt(0), both.resultAt(1)));
    }

    private static Usage joined(Usage input, long output) {
        return new Usage(
                input.uncachedInput(),
                input.cacheRead(),
                input.cacheWrite5m(),
                input.cacheWrite1h(),
                output,
                0,
                input.audio(),
                input.image(),
                0);
    }

    private Future<Usage> input(Exchange exchange, UsageReport report, Amounts held) {
        if (report.inputKnown().isPresent()) {
            return Future.succeededFuture(report.inputKnown().get());
        }
        var deployment = exchange.deployment();
        var body = exchange.request().body();
        var provider = deployment.provider().name();
        var model = deployment.model();
        return counting.count(model.encoding(), body)
                .map(counted -> ratio.estimate(provider, model.name(), counted))
                .otherwise(body.length / BYTES_PER_TOKEN)
                .map(tokens -> Usage.of(within(tokens, held.inputTokens()), 0));
    }

    private Future<Long> output(Exchange exchange, UsageReport report, Amounts held) {
        var text = report.deliveredText().getBytes(StandardCharsets.UTF_8);
        if (text.length == 0 || !exchange.endpoint().produces()) {
            return Future.succeededFuture(0L);
        }
        return counting.count(exchange.deployment().model().encoding(), text)
                .otherwise(text.length / BYTES_PER_TOKEN)
                .map(tokens -> within(tokens, held.outputTokens()));
    }

    private static long within(long tokens, long held) {
        return Math.min(Math.max(1, tokens), Math.min(Math.max(1, held), Usage.TOKENS_SANE_MAX));
    }
}
