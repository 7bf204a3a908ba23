package dev.tollgate.budget;

import io.vertx.core.Future;

/// The budgets in force, as this node knows them.
public interface Budgets {

    BudgetSet current(String organization);

    /// Reads them anew, at least as new as `configVersion`.
    Future<BudgetSet> refresh(String organization, long configVersion);
}
