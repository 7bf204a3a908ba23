package dev.tollgate.admin;

import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Standing;
import java.util.List;
import java.util.Map;

/// What the admin API needs of the node it runs in. Every method may block, for at most a few
/// seconds, and is called on a virtual thread.
public interface NodeControl {

    /// Puts a configuration in force: this node acts on it, and the organization's book has heard
    /// of it, when this returns. Called after each commit, and again by a repeat of the same
    /// request.
    ///
    /// @throws RuntimeException when that cannot be said; the change is stored and the caller is
    ///   told
    void configurationChanged(String organization, long version);

    /// The live standing of counters; those the book cannot tell are left out.
    List<Standing> standings(String organization, List<BudgetCharge> charges);

    /// The live counters, for reconciliation.
    QuotaControl quota();

    /// The metrics in the Prometheus text format 0.0.4.
    String metrics();

    Readiness readiness();

    /// Whether the node takes requests, and the facts behind it.
    ///
    /// @param details text, numbers and booleans by name; `status` is ours
    record Readiness(boolean ready, Map<String, Object> details) {
        public Readiness {
            details = Map.copyOf(details);
        }
    }
}
