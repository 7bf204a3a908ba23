package dev.tollgate.node;

import dev.tollgate.budget.Books;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Facts;
import dev.tollgate.budget.Standing;
import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import dev.tollgate.config.Configurations;
import dev.tollgate.node.http.CallerBudgets;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.LongSupplier;

/// The budgets a caller could be charged to, whatever model it asks for next.
record BudgetsOfCallers(Configurations configurations, Books books, LongSupplier nowMillis)
        implements CallerBudgets {

    @Override
    public Future<List<Standing>> standings(Caller caller, Attribution attribution) {
        var configuration = configurations.current(caller.organization());
        var now = nowMillis.getAsLong();
        var charges = new LinkedHashMap<Object, BudgetCharge>();
        for (var deployment : configuration.catalogue().deployments()) {
            var facts =
                    new Facts(
                            caller,
                            attribution,
                            deployment.model().name(),
                            deployment.upstreamModel(),
                            deployment.provider().name());
            for (var charge : configuration.budgets().chargesFor(facts, now)) {
                charges.putIfAbsent(charge.counter(), charge);
            }
        }
        return books.standings(caller.organization(), List.copyOf(charges.values()));
    }
}
