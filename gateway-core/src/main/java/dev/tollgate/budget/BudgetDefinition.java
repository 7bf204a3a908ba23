package dev.tollgate.budget;

import dev.tollgate.budget.Budget.Action;
import dev.tollgate.budget.Budget.Clamp;
import dev.tollgate.budget.Budget.Per;
import dev.tollgate.budget.Budget.Period;
import dev.tollgate.budget.Budget.SubjectOverride;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// A budget as it is written down, before it has an id and a name. The parts are those of [Budget].
public record BudgetDefinition(
        Scope scope,
        List<String> models,
        Per per,
        Period period,
        ZoneId zone,
        Limits limits,
        int concurrentMax,
        List<Rate> rates,
        List<Action> actions,
        List<SubjectOverride> overrides,
        Clamp clamp,
        boolean elastic) {

    public BudgetDefinition {
        models = List.copyOf(models);
        rates = List.copyOf(rates);
        actions = List.copyOf(actions);
        overrides = List.copyOf(overrides);
    }

    public static BudgetDefinition of(Budget budget) {
        return new BudgetDefinition(
                budget.scope(),
                budget.models(),
                budget.per(),
                budget.period(),
                budget.zone(),
                budget.limits(),
                budget.concurrentMax(),
                budget.rates(),
                budget.actions(),
                budget.overrides(),
                budget.clamp(),
                budget.elastic());
    }

    public Budget named(UUID id, String name) {
        return new Budget(
                id,
                name,
                scope,
                models,
                per,
                period,
                zone,
                limits,
                concurrentMax,
                rates,
                actions,
                overrides,
                clamp,
                elastic);
    }

    /// The fields, as the API names them, that differ from `other` and must not: counters are named
    /// by them. Who wants them changed makes a new budget.
    public List<String> immutableDifferences(BudgetDefinition other) {
        var differing = new ArrayList<String>();
        if (!scope.equals(other.scope)) {
            differing.add("scope");
        }
        if (!models.equals(other.models)) {
            differing.add("models");
        }
        if (per != other.per) {
            differing.add("per");
        }
        if (period != other.period) {
            differing.add("period");
        }
        if (!zone.equals(other.zone)) {
            differing.add("time_zone");
        }
        return differing;
    }
}
