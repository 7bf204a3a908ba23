package dev.tollgate.budget;

import dev.tollgate.budget.Books.ExtendRequest;
import dev.tollgate.path.Allowance;
import dev.tollgate.path.Exchange;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Counting;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A hold that is extended ahead of the stream it covers.
///
/// Providers count other tokens than we do. What we count is taken for the most it can be billed
/// as, and the margin that is always held beyond it is what a stream produces while more is asked
/// for. Event loop of the request only.
final class ElasticHold implements Allowance {

    /// More is asked for when less than this is left.
    static final long MARGIN_TOKENS = 512;

    /// What one more extension covers, beside a share of what is covered.
    static final long STEP_TOKENS = 1_024;

    /// Billed beside the text: the beginnings and ends of messages, calls and blocks.
    static final long FRAME_TOKENS = 16;

    /// Counted in one go; of longer pieces each character is taken for a token.
    private static final int PIECE_CHARACTERS_MAX = 8_192;

    /// Short answers say little about a ratio.
    private static final long LEARNED_FROM_TOKENS = 64;

    private final Work work;
    private final Exchange exchange;
    private final UUID id;
    private final Ask ask;
    private final List<BudgetCharge> charges;
    private final long granted;

    private long covered;
    private long counted;
    private @Nullable Future<Long> asking;
    private boolean spent;
    private boolean ended;

    /// What extending needs.
    ///
    /// @param ratio of billed to counted output
    record Work(
            Books books,
            Counting counting,
            TokenRatio ratio,
            Estimates estimates,
            Elasticity elasticity) {}

    ElasticHold(Work work, Asking asking, Exchange exchange, Command.Held held) {
        this.work = work;
        this.exchange = exchange;
        this.id = held.id();
        this.ask = asking.ask();
        this.charges = asking.charges();
        this.granted = held.outputGranted();
        this.covered = held.elastic().outputTokens();
    }

    /// All that is held of elastic budgets now.
    Amounts amounts() {
        return Holding.held(ask, covered);
    }

    @Override
    public long count(String piece) {
        var encoding = exchange.deployment().model().encoding();
        return piece.length() <= PIECE_CHARACTERS_MAX
                ? work.counting.countNow(encoding, piece)
                : piece.length();
    }

    @Override
    public boolean covers(long tokens) {
        counted = Math.max(counted, tokens);
        if (covered < granted
                && !spent
                && asking == null
                && bound(tokens) + MARGIN_TOKENS > covered) {
            var _ = ask(bound(tokens));
        }
        return isCovered(tokens);
    }

    /// The provider itself ends the answer where all is covered that it was told it may produce.
    private boolean isCovered(long tokens) {
        return covered >= granted || bound(tokens) <= covered;
    }

    private long bound(long tokens) {
        if (tokens == 0) {
            return 0;
        }
        var deployment = exchange.deployment();
        return FRAME_TOKENS
                + work.ratio.bound(deployment.provider().name(), deployment.model().name(), tokens);
    }

    @Override
    public Future<Boolean> more(long tokens) {
        var pending = asking == null ? Future.succeededFuture(covered) : asking;
        return pending.compose(_ ->
                        isCovered(tokens) ? Future.succeededFuture(covered) : ask(bound(tokens)))
                .map(_ -> isCovered(tokens));
    }

    /// The attempt is over, whatever its stream still has: nothing more is held for it.
    void end() {
        ended = true;
    }

    /// Never fails: what cannot be verified is not held.
    private Future<Long> ask(long needed) {
        if (ended) {
            return Future.succeededFuture(covered);
        }
        if (asking != null) {
            return asking;
        }
        var wanted = Math.min(granted, needed + STEP_TOKENS + covered / 4);
        var answer =
                work.books
                        .extend(
                                BudgetFilter.organization(exchange),
                                new ExtendRequest(id, ask.granted(wanted), charges))
                        .otherwise(covered)
                        .map(tokens -> extended(tokens, wanted));
        asking = answer.isComplete() ? null : answer;
        return answer;
    }

    private long extended(long tokens, long wanted) {
        asking = null;
        if (!ended) {
            covered = Math.max(covered, tokens);
            spent = covered < wanted;
        }
        return covered;
    }

    @Override
    public Future<Usage> settlement(UsageReport report) {
        return report.usage().isPresent()
                ? Future.succeededFuture(report.usage().get())
                : work.estimates.usage(exchange, report, amounts()).otherwise(Usage.NONE);
    }

    /// What an answer was billed as tells what others can be.
    void learn(UsageReport report, Usage billed) {
        var deployment = exchange.deployment();
        if (billed.output() > covered) {
            work.elasticity.overran(deployment);
        } else if (counted >= LEARNED_FROM_TOKENS && report.completion() == Completion.COMPLETE) {
            work.ratio.observe(
                    deployment.provider().name(),
                    deployment.model().name(),
                    counted,
                    billed.output());
        }
    }
}
