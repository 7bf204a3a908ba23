package dev.tollgate.node.http;

import dev.tollgate.budget.Standing;
import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import io.vertx.core.Future;
import java.util.List;

/// The budgets a caller's next request would be charged to, and how they stand.
@FunctionalInterface
public interface CallerBudgets {

    Future<List<Standing>> standings(Caller caller, Attribution attribution);
}
