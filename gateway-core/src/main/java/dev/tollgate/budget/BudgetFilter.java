package dev.tollgate.budget;

import dev.tollgate.budget.Books.HoldRequest;
import dev.tollgate.budget.Command.Crowded;
import dev.tollgate.budget.Command.Exhausted;
import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.HoldResult;
import dev.tollgate.budget.Command.RateLimited;
import dev.tollgate.budget.Command.Stale;
import dev.tollgate.budget.HoldQueue.Admitted;
import dev.tollgate.budget.HoldQueue.Attempt;
import dev.tollgate.budget.HoldQueue.Later;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Keys;
import dev.tollgate.catalogue.Catalogue;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.policy.PolicyFilter;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Problem.Unauthenticated;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Counting;
import dev.tollgate.usage.Recorder;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Holds the worst-case cost of a request before it is sent, and settles the real cost after it.
///
/// The bound on the input is its bytes. Only where that does not fit is the input counted, off the
/// event loop, and asked for once more. Where a budget leads to another model, all of that model's
/// budgets are asked in turn; where it has no room only just now, the request waits for a moment.
public final class BudgetFilter implements Filter {

    /// How often a request follows a configuration that changes under it.
    private static final int REFRESHES_MAX = 3;

    private final Parts parts;
    private final TokenRatio ratio = new TokenRatio();
    private final Settlements settlements;
    private final Elasticity elasticity;
    private final ElasticHold.Work elastic;

    /// What the filter works with.
    ///
    /// @param ids makes UUIDv7
    /// @param nowMillis cluster time
    public record Parts(
            Books books,
            Budgets budgets,
            Keys keys,
            LedgerRows rows,
            ServedModels served,
            Targets targets,
            HoldQueue queue,
            Counting counting,
            Supplier<UUID> ids,
            LongSupplier nowMillis,
            Ticks ticks,
            Failover failover,
            Recorder recorder) {}

    public BudgetFilter(Parts parts) {
        this.parts = parts;
        this.elasticity = new Elasticity(parts.nowMillis());
        var estimates = new Estimates(parts.counting(), ratio);
        this.settlements = new Settlements(parts, ratio, estimates, this::hold);
        this.elastic =
                new ElasticHold.Work(
                        parts.books(), parts.counting(), new TokenRatio(), estimates, elasticity);
    }

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        var budgets = parts.budgets().current(organization(exchange));
        var asking = Asking.first(elasticity, exchange, parts.ids().get(), budgets, now());
        return parts.queue()
                .admit(asking.charges(), exchange.left(), () -> hold(asking))
                .compose(held -> settlements.forward(held, next));
    }

    private Future<Attempt<HeldExchange>> hold(Asking asking) {
        var refusal = asking.refusal();
        if (refusal.isPresent()) {
            return Refusal.of(refusal.get());
        }
        var facts =
                parts.rows()
                        .facts(
                                asking.exchange(),
                                asking.id(),
                                asking.attempt(),
                                asking.countingCharges());
        var request =
                new HoldRequest(
                        asking.id(),
                        asking.budgets().configVersion(),
                        asking.ask(),
                        asking.charges(),
                        facts);
        return hold(asking, request).compose(result -> decide(asking, result));
    }

    private Future<HoldResult> hold(Asking asking, HoldRequest request) {
        var organization = organization(asking.exchange());
        if (asking.before().isEmpty()) {
            return parts.books().hold(organization, request);
        }
        var ended = asking.before().get();
        return parts.books()
                .next(organization, ended.id(), ended.used(), ended.outcome(), request)
                .map(Command.NextResult::hold);
    }

    private Future<Attempt<HeldExchange>> decide(Asking asking, HoldResult result) {
        return switch (result) {
            case Held held -> Future.succeededFuture(new Admitted<>(held(asking, held)));
            case Exhausted exhausted -> exhausted(asking, exhausted);
            case Crowded crowded -> later(asking, asking.line(crowded), 0, Refusals.of(crowded));
            case RateLimited limited -> limited(asking, limited);
            case Stale stale when asking.refreshes() < REFRESHES_MAX -> refresh(asking, stale);
            case Stale _ -> unavailable("the configuration keeps changing");
            case Command.Full full -> unavailable("the book is full of " + full.what());
            case Command.NotOpen _ -> unavailable("the book is not open");
            case Command.OldTerm _ -> unavailable("this node lost the lease");
            case Command.Unseeded _ -> unavailable("counters are not read yet");
            case Command.Closed _ -> unavailable("this node was taken for dead");
        };
    }

    private HeldExchange held(Asking asking, Held held) {
        var granted = asking.held(held);
        return held.elastic().isGrowing()
                ? granted.elastic(new ElasticHold(elastic, asking, granted.exchange(), held))
                : granted;
    }

    private Future<Attempt<HeldExchange>> exhausted(Asking asking, Exhausted exhausted) {
        if (asking.couldFitWhenCounted(exhausted)) {
            return count(asking);
        }
        var to = asking.downgrade(exhausted);
        return to.isPresent()
                ? downgrade(asking, exhausted.standing().budget(), to.get())
                : Refusal.of(Refusals.of(exhausted, now()));
    }

    private Future<Attempt<HeldExchange>> limited(Asking asking, RateLimited limited) {
        if (asking.couldFitWhenCounted(limited)) {
            return count(asking);
        }
        var line = new HoldQueue.Line(limited.counter().budgetId(), limited.counter().subject());
        return limited.waitMillis() < 0
                ? Refusal.of(Refusals.of(limited))
                : later(asking, line, Math.max(1, limited.waitMillis()), Refusals.of(limited));
    }

    private Future<Attempt<HeldExchange>> later(
            Asking asking, HoldQueue.Line line, long waitMillis, Problem problem) {
        return Future.succeededFuture(
                new Later<>(line, waitMillis, problem, () -> hold(again(asking))));
    }

    private Asking again(Asking asking) {
        return asking.again(parts.budgets().current(organization(asking.exchange())), now());
    }

    /// Asks all of the other model's budgets, as if it had been called for.
    private Future<Attempt<HeldExchange>> downgrade(Asking asking, String budget, String to) {
        var exchange = asking.exchange();
        return switch (parts.targets().find(organization(exchange), exchange.endpoint(), to)) {
            case Catalogue.Unknown(var hint) -> Refusal.of(impossible(asking, budget, to, hint));
            case Catalogue.Found(var deployments) -> {
                var permitted = PolicyFilter.permitted(exchange.caller(), deployments);
                yield permitted.isEmpty()
                        ? Refusal.of(impossible(asking, budget, to, "this key may not use it"))
                        : hold(asking.ledTo(to, permitted, now()));
            }
        };
    }

    private static Problem impossible(Asking asking, String budget, String to, String reason) {
        return new Problem.DowngradeImpossible(budget, asking.facts().model(), to, reason);
    }

    private Future<Attempt<HeldExchange>> count(Asking asking) {
        var deployment = asking.exchange().deployment();
        var model = deployment.model();
        return parts.counting()
                .count(model.encoding(), asking.exchange().request().body())
                .map(counted ->
                        asking.counted(
                                counted,
                                ratio.bound(deployment.provider().name(), model.name(), counted)))
                .compose(this::hold);
    }

    private Future<Attempt<HeldExchange>> refresh(Asking asking, Stale stale) {
        return parts.budgets()
                .refresh(organization(asking.exchange()), stale.configVersion())
                .compose(budgets -> {
                    var problem = changed(asking.exchange().caller());
                    return problem.isPresent()
                            ? Refusal.of(problem.get())
                            : hold(asking.refreshed(budgets, now()));
                });
    }

    /// What a newer configuration says against a caller whose key was good when the request came.
    private Optional<Problem> changed(Caller caller) {
        if (caller.keyId().isEmpty()) {
            return Optional.empty();
        }
        var key = parts.keys().withId(caller.keyId());
        if (key.isEmpty()) {
            return Optional.of(new Unauthenticated(Unauthenticated.Reason.UNKNOWN));
        }
        var now = Instant.ofEpochMilli(now());
        if (key.get().revokedAt().filter(at -> !now.isBefore(at)).isPresent()) {
            return Optional.of(new Unauthenticated(Unauthenticated.Reason.REVOKED));
        }
        if (key.get().expiresAt().filter(at -> !now.isBefore(at)).isPresent()) {
            return Optional.of(new Unauthenticated(Unauthenticated.Reason.EXPIRED));
        }
        return key.get().caller().equals(caller)
                ? Optional.empty()
                : Optional.of(new Problem.QuotaUnavailable("the key has changed"));
    }

    private static <T> Future<T> unavailable(String reason) {
        return Refusal.of(new Problem.QuotaUnavailable(reason));
    }

    static String organization(Exchange exchange) {
        return exchange.caller().organization();
    }

    private long now() {
        return parts.nowMillis().getAsLong();
    }

    /// A request and the hold that covers it.
    ///
    /// @param exchange as it goes on, clamped if it has to be
    /// @param counted the tokens we counted in its body, 0 when we did not
    /// @param asking what the hold was asked with
    /// @param elastic what extends the hold; empty when nothing does
    record HeldExchange(
            Exchange exchange,
            Held held,
            List<BudgetCharge> charges,
            long counted,
            Asking asking,
            Optional<ElasticHold> elastic) {

        HeldExchange elastic(ElasticHold hold) {
            return new HeldExchange(
                    exchange.allowed(hold), held, charges, counted, asking, Optional.of(hold));
        }

        /// What it takes from its budgets, if it is the request's last attempt.
        Amounts used(Outcome outcome) {
            return Amounts.used(exchange.endpoint(), outcome, asking.reachedBefore());
        }

        /// The most it can use without going past what any of its budgets hold.
        Amounts covered() {
            return elastic.isEmpty() ? held.held() : elastic.get().amounts().min(held.held());
        }

        /// What the book said to hold for the budget of a standing it told with it.
        Amounts heldFor(Standing standing) {
            return held.elastic().isGrowing() && isElastic(standing.counter())
                    ? held.elastic().amounts()
                    : held.held();
        }

        private boolean isElastic(CounterKey counter) {
            return charges.stream()
                    .anyMatch(charge -> charge.elastic() && charge.counter().equals(counter));
        }
    }
}
