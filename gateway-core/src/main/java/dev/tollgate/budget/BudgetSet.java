package dev.tollgate.budget;

import java.util.List;

/// An organization's budgets as of one configuration version.
public record BudgetSet(long configVersion, List<Budget> budgets) {

    public BudgetSet {
        budgets = List.copyOf(budgets);
    }
}
