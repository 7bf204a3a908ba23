package dev.tollgate.admin.budget;

import dev.tollgate.admin.json.Tree;
import dev.tollgate.budget.BudgetDefinition;

/// A budget to be made or changed: read, whole, and without fault.
///
/// @param tree the definition as it is stored, in its one canonical form
public record BudgetDraft(String name, BudgetDefinition definition, Tree tree) {}
