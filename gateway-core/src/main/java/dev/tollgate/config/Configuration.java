package dev.tollgate.config;

import dev.tollgate.budget.BudgetSet;
import dev.tollgate.caller.ApiKey;
import dev.tollgate.catalogue.Catalogue;
import java.util.Map;

/// Everything a node needs to know of one organization, as of one version. Immutable.
///
/// @param keys by the public part of their ids
public record Configuration(
        String organization,
        long version,
        Map<String, ApiKey> keys,
        BudgetSet budgets,
        Catalogue catalogue) {

    public Configuration {
        keys = Map.copyOf(keys);
    }
}
