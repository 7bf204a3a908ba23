package dev.tollgate.budget;

import dev.tollgate.budget.Books.HoldRequest;
import dev.tollgate.budget.Command.Crowded;
import dev.tollgate.budget.Command.Exhausted;
import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.HoldResult;
import dev.tollgate.budget.Command.Stale;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Counting;
import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Holds the worst-case cost of a request before it is sent, and settles the real cost after it.
///
/// The bound on the input is its bytes. Only where that does not fit is the input counted, off the
/// event loop, and asked for once more.
public final class BudgetFilter implements Filter {

    /// How often a request follows a configuration that changes under it.
    private static final int REFRESHES_MAX = 3;

    private final Parts parts;
    private final TokenRatio ratio = new TokenRatio();
    private final Settlements settlements;

    /// What the filter works with.
    ///
    /// @param ids makes UUIDv7
    /// @param nowMillis cluster time
    public record Parts(
            Books books,
            Budgets budgets,
            LedgerRows rows,
            ServedModels served,
            Counting counting,
            Supplier<UUID> ids,
            LongSupplier nowMillis,
            Ticks ticks) {}

    public BudgetFilter(Parts parts) {
        this.parts = parts;
        this.settlements = new Settlements(parts, ratio);
    }

    @Override
    public Future<Reply> apply(Exchange exchange, Next next) {
        var budgets = parts.budgets().current(organization(exchange));
        return hold(Asking.first(exchange, parts.ids().get(), budgets, now()))
                .compose(held -> settlements.forward(held, next));
    }

    private Future<HeldExchange> hold(Asking asking) {
        var refusal = asking.refusal();
        if (refusal.isPresent()) {
            return Refusal.of(refusal.get());
        }
        var facts = parts.rows().facts(asking.exchange(), asking.id(), 1, asking.countingCharges());
        var request =
                new HoldRequest(
                        asking.id(),
                        asking.budgets().configVersion(),
                        asking.ask(),
                        asking.charges(),
                        facts);
        return parts.books()
                .hold(organization(asking.exchange()), request)
                .compose(result -> decide(asking, result));
    }

    private Future<HeldExchange> decide(Asking asking, HoldResult result) {
        return switch (result) {
            case Held held -> Future.succeededFuture(asking.held(held));
            case Exhausted exhausted when asking.couldFitWhenCounted(exhausted) -> count(asking);
            case Exhausted exhausted -> Refusal.of(Refusals.of(exhausted, now()));
            case Crowded crowded -> Refusal.of(Refusals.of(crowded));
            case Stale stale when asking.refreshes() < REFRESHES_MAX -> refresh(asking, stale);
            case Stale _ -> unavailable("the configuration keeps changing");
            case Command.Full full -> unavailable("the book is full of " + full.what());
            case Command.NotOpen _ -> unavailable("the book is not open");
            case Command.OldTerm _ -> unavailable("this node lost the lease");
            case Command.Unseeded _ -> unavailable("counters are not read yet");
            case Command.Closed _ -> unavailable("this node was taken for dead");
        };
    }

    private Future<HeldExchange> count(Asking asking) {
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

    private Future<HeldExchange> refresh(Asking asking, Stale stale) {
        return parts.budgets()
                .refresh(organization(asking.exchange()), stale.configVersion())
                .compose(budgets -> hold(asking.refreshed(budgets, now())));
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
    record HeldExchange(Exchange exchange, Held held, List<BudgetCharge> charges, long counted) {}
}
