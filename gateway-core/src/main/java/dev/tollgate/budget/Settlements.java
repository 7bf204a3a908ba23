package dev.tollgate.budget;

import dev.tollgate.budget.BudgetFilter.HeldExchange;
import dev.tollgate.budget.Command.Settled;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.price.Money;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import dev.tollgate.tokens.UsageSource;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Sends a held request on and ends its hold, exactly once, whatever comes of it.
final class Settlements {

    static final Duration CHECKPOINT_PERIOD = Duration.ofSeconds(5);

    private final BudgetFilter.Parts parts;
    private final TokenRatio ratio;
    private final Estimates estimates;
    private final Function<Asking, Future<HoldQueue.Attempt<HeldExchange>>> hold;

    /// @param hold asks for the attempts that follow one that failed
    Settlements(
            BudgetFilter.Parts parts,
            TokenRatio ratio,
            Estimates estimates,
            Function<Asking, Future<HoldQueue.Attempt<HeldExchange>>> hold) {
        this.parts = parts;
        this.ratio = ratio;
        this.estimates = estimates;
        this.hold = hold;
    }

    Future<Reply> forward(HeldExchange held, Filter.Next next) {
        return proceed(held.exchange(), next)
                .transform(answer ->
                        goesOn(held, answer) ? goOn(held, answer, next) : ended(held, answer));
    }

    private Future<Reply> ended(HeldExchange held, AsyncResult<Reply> answer) {
        return answer.succeeded() ? answered(held, answer.result()) : failed(held, answer.cause());
    }

    private boolean goesOn(HeldExchange held, AsyncResult<Reply> answer) {
        var attempt = held.asking().attempt();
        return parts.failover().goesOn(held.exchange(), attempt, answer, now());
    }

    /// Tries the deployments that are left, until one has room in its budgets. Where none has, what
    /// the provider said stands: it is why the request fails.
    private Future<Reply> goOn(HeldExchange held, AsyncResult<Reply> answer, Filter.Next next) {
        return (answer.succeeded()
                        ? outcome(held, answer.result())
                        : outcome(held, report(answer.cause())))
                .compose(outcome ->
                        following(held, ending(held, outcome), rest(held.exchange()))
                                .transform(found -> {
                                    if (found.failed()) {
                                        return ended(held, answer)
                                                .transform(_ -> Future.failedFuture(found.cause()));
                                    }
                                    return found.result()
                                            .map(following ->
                                                    movedOn(held, outcome, following, next))
                                            .orElseGet(() -> ended(held, answer));
                                }));
    }

    private Asking.Ended ending(HeldExchange held, Outcome outcome) {
        return new Asking.Ended(
                held.held().id(),
                held.asking().attempt(),
                held.used(outcome).movedOn(),
                parts.rows().outcome(asServed(held.exchange(), outcome.report()), outcome, 0),
                held.asking().reachedBefore() || outcome.report().reached());
    }

    private static List<Deployment> rest(Exchange exchange) {
        var candidates = exchange.candidates();
        return candidates.subList(1, candidates.size());
    }

    /// The first of `deployments` that could be held in the place of the attempt that ends; empty
    /// when none could, and that one is still to be settled.
    private Future<Optional<HeldExchange>> following(
            HeldExchange held, Asking.Ended ending, List<Deployment> deployments) {
        if (deployments.isEmpty() || !parts.failover().isWaitedFor(held.exchange(), now())) {
            return Future.succeededFuture(Optional.empty());
        }
        var budgets = parts.budgets().current(BudgetFilter.organization(held.exchange()));
        var asking = held.asking().movedTo(deployments, parts.ids().get(), budgets, now(), ending);
        return hold.apply(asking)
                .transform(asked -> {
                    if (asked.succeeded()
                            && asked.result()
                                    instanceof HoldQueue.Admitted<HeldExchange>(var next)) {
                        return Future.succeededFuture(Optional.of(next));
                    }
                    if (asked.succeeded() || Failover.isOfOneDeployment(asked.cause())) {
                        return following(held, ending, deployments.subList(1, deployments.size()));
                    }
                    return asked.cause() instanceof Refusal
                            ? Future.succeededFuture(Optional.empty())
                            : Future.failedFuture(asked.cause());
                });
    }

    private Future<Reply> movedOn(
            HeldExchange held, Outcome outcome, HeldExchange following, Filter.Next next) {
        parts.queue().freed(held.charges());
        parts.recorder().failedOver(held.exchange(), outcome);
        return forward(following, next);
    }

    private long now() {
        return parts.nowMillis().getAsLong();
    }

    private static Future<Reply> proceed(Exchange exchange, Filter.Next next) {
        try {
            return next.proceed(exchange);
        } catch (RuntimeException bug) {
            return Future.failedFuture(bug);
        }
    }

    private Future<Reply> answered(HeldExchange held, Reply reply) {
        return switch (reply.body()) {
            case Reply.Whole _ -> whole(held, reply);
            case Reply.Streamed streamed -> Future.succeededFuture(streamed(held, reply, streamed));
        };
    }

    /// Waits for the settlement, unless whatever comes next is decided after it anyway: who has the
    /// answer finds its use counted, whichever node is asked next.
    private Future<Reply> whole(HeldExchange held, Reply reply) {
        return outcome(held, reply)
                .compose(outcome -> {
                    var settling = settle(held, outcome);
                    return parts.books().settlesInOrder()
                            ? Future.succeededFuture(
                                    whole(held, reply, settledAlone(held, outcome))
                                            .withOutcome(settling.map(Settlement::outcome)))
                            : settling.map(settlement -> whole(held, reply, settlement));
                });
    }

    private static Reply whole(HeldExchange held, Reply reply, Settlement settlement) {
        return reply.withHeaders(
                        Headers.ofWhole(
                                settlement.outcome(),
                                settlement.tightest(),
                                held.exchange().outputGranted()))
                .withOutcome(Future.succeededFuture(settlement.outcome()));
    }

    /// As the book would answer if nothing else had come in between.
    private static Settlement settledAlone(HeldExchange held, Outcome outcome) {
        var used = held.used(outcome);
        return new Settlement(
                outcome,
                held.held().tightest().stream()
                        .map(standing -> standing.settled(held.heldFor(standing), used))
                        .toList());
    }

    private Reply streamed(HeldExchange held, Reply reply, Reply.Streamed streamed) {
        var ticking = parts.ticks().every(CHECKPOINT_PERIOD, () -> checkpoint(held, streamed));
        var settled =
                outcome(held, reply)
                        .onComplete(_ -> ticking.cancel())
                        .compose(outcome -> settle(held, outcome))
                        .map(Settlement::outcome);
        return reply.withHeaders(
                        Headers.of(held.held().tightest(), held.exchange().outputGranted()))
                .withOutcome(settled);
    }

    private void checkpoint(HeldExchange held, Reply.Streamed streamed) {
        var output = Math.min(streamed.outputTokensSoFar(), Usage.TOKENS_SANE_MAX);
        if (output > 0) {
            var usage = Usage.of(0, output);
            var cost = cost(held.exchange(), usage, "").orElse(Money.ZERO);
            parts.books()
                    .checkpoint(
                            BudgetFilter.organization(held.exchange()),
                            held.held().id(),
                            Amounts.of(held.held().held().requests(), usage, cost));
        }
    }

    private Future<Reply> failed(HeldExchange held, Throwable failure) {
        return outcome(held, report(failure))
                .compose(outcome -> settle(held, outcome))
                .compose(_ -> Future.failedFuture(failure));
    }

    private static UsageReport report(Throwable failure) {
        return failure instanceof Refusal refusal
                ? refusal.attempt().orElse(UsageReport.notReached(0))
                : unknown();
    }

    /// Of a bug on the way: the provider may have been reached.
    private static UsageReport unknown() {
        return new UsageReport(
                Completion.UPSTREAM_FAILED,
                Optional.empty(),
                Optional.empty(),
                true,
                0,
                "",
                "",
                "",
                "",
                0,
                0,
                "");
    }

    private Future<Outcome> outcome(HeldExchange held, Reply reply) {
        return reply.outcome()
                .map(Outcome::report)
                .otherwise(_ -> unknown())
                .compose(report -> outcome(held, report));
    }

    private Future<Outcome> outcome(HeldExchange held, UsageReport report) {
        held.elastic().ifPresent(ElasticHold::end);
        if (!report.reached() || report.completion() == Completion.UPSTREAM_ERROR) {
            return Future.succeededFuture(
                    new Outcome(
                            report,
                            Usage.NONE,
                            UsageSource.PROVIDER,
                            Optional.of(Money.ZERO),
                            false));
        }
        if (!held.exchange().endpoint().billed()) {
            return Future.succeededFuture(outcome(held, report, Usage.NONE, UsageSource.PROVIDER));
        }
        if (report.usage().isPresent()) {
            var usage = report.usage().get();
            learn(held, usage);
            held.elastic().ifPresent(hold -> hold.learn(report, usage));
            return Future.succeededFuture(outcome(held, report, usage, UsageSource.PROVIDER));
        }
        return estimates
                .usage(held.exchange(), report, held.covered())
                .map(usage -> outcome(held, report, usage, UsageSource.ESTIMATED));
    }

    private Outcome outcome(
            HeldExchange held, UsageReport report, Usage usage, UsageSource source) {
        var cost = cost(asServed(held.exchange(), report), usage, report.serviceTier());
        var settled = new Outcome(report, usage, source, cost, false);
        var overrun = held.used(settled).exceeds(held.covered());
        return new Outcome(report, usage, source, cost, overrun);
    }

    private static Optional<Money> cost(Exchange exchange, Usage usage, String serviceTier) {
        return exchange.deployment().model().price().map(price -> price.cost(usage, serviceTier));
    }

    /// The exchange as it was answered: providers may serve, and bill, another model than asked
    /// for.
    private Exchange asServed(Exchange exchange, UsageReport report) {
        var deployment = exchange.deployment();
        if (report.servedModel().isEmpty()
                || report.servedModel().equals(deployment.upstreamModel())) {
            return exchange;
        }
        return parts.served()
                .find(
                        BudgetFilter.organization(exchange),
                        deployment.provider(),
                        report.servedModel())
                .map(model ->
                        new Deployment(deployment.provider(), model, deployment.upstreamModel()))
                .map(served -> exchange.routedTo(List.of(served)))
                .orElse(exchange);
    }

    private void learn(HeldExchange held, Usage usage) {
        if (held.counted() > 0 && held.exchange().request().attachments() == 0) {
            var deployment = held.exchange().deployment();
            ratio.observe(
                    deployment.provider().name(),
                    deployment.model().name(),
                    held.counted(),
                    usage.input());
        }
    }

    private Future<Settlement> settle(HeldExchange held, Outcome outcome) {
        var exchange = held.exchange();
        var used = held.used(outcome);
        return parts.books()
                .settle(
                        BudgetFilter.organization(exchange),
                        held.held().id(),
                        used,
                        parts.rows()
                                .outcome(
                                        asServed(exchange, outcome.report()),
                                        outcome,
                                        used.requests()))
                .otherwise(List.<Settled>of())
                .onSuccess(_ -> parts.queue().freed(held.charges()))
                .map(settled ->
                        new Settlement(
                                outcome,
                                settled.isEmpty()
                                        ? settledAlone(held, outcome).tightest()
                                        : settled.getFirst().tightest()));
    }

    /// How an attempt was settled, and what is left after it.
    private record Settlement(Outcome outcome, List<Standing> tightest) {}
}
