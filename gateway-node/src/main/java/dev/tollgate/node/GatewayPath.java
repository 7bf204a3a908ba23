package dev.tollgate.node;

import dev.tollgate.budget.BudgetFilter;
import dev.tollgate.path.DeadlineFilter;
import dev.tollgate.path.Filter;
import dev.tollgate.policy.PolicyFilter;
import dev.tollgate.reply.ReplyCacheFilter;
import dev.tollgate.route.RouteFilter;
import dev.tollgate.usage.Recorder;
import dev.tollgate.usage.UsageFilter;
import java.time.Duration;
import java.util.List;

/// The path of a request, outermost first. Requests go down this list, replies come back up.
///
/// It is also the order of precedence of refusals: `docs/problems.md`.
final class GatewayPath {

    private GatewayPath() {}

    /// What the path is made of.
    ///
    /// @param total of a request
    /// @param attempts the innermost step: one call to a provider
    record Parts(
            ActiveRequests active,
            Recorder recorder,
            Duration total,
            BudgetFilter.Parts budget,
            Filter.Next attempts) {}

    static Filter.Next of(Parts parts) {
        return Filter.chain(
                List.of(
                        parts.active(),
                        new UsageFilter(parts.recorder(), Recorder.Kind.REQUEST),
                        new DeadlineFilter(parts.total()),
                        new PolicyFilter(),
                        new RouteFilter(),
                        new ReplyCacheFilter(),
                        new BudgetFilter(parts.budget()),
                        new UsageFilter(parts.recorder(), Recorder.Kind.ATTEMPT)),
                parts.attempts());
    }
}
