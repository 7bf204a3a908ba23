package dev.tollgate.budget;

import dev.tollgate.budget.Budget.Per;
import dev.tollgate.price.Money;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Writes a budget as the tree that [BudgetReader] reads: the canonical form that the API answers
/// with and the store keeps. Every default is spelled out; what is not set is left out.
public final class BudgetTree {

    private BudgetTree() {}

    public static Map<String, Object> of(BudgetDefinition budget) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("scope", scope(budget.scope()));
        tree.put("models", budget.models());
        if (budget.per() != Per.NONE) {
            tree.put("per", Fields.label(budget.per()));
        }
        tree.put("period", Fields.label(budget.period()));
        tree.put("time_zone", budget.zone().getId());
        if (!budget.limits().equals(Limits.UNLIMITED)) {
            tree.put("limits", limits(budget.limits()));
        }
        if (budget.concurrentMax() > 0) {
            tree.put("concurrent_requests", budget.concurrentMax());
        }
        if (!budget.rates().isEmpty()) {
            tree.put("rates", rates(budget));
        }
        tree.put("actions", actions(budget));
        if (!budget.overrides().isEmpty()) {
            tree.put("overrides", overrides(budget));
        }
        tree.put("hold", budget.elastic() ? "elastic" : "worst");
        tree.put("clamp", clamp(budget.clamp()));
        tree.put("counts_from", "creation");
        return tree;
    }

    /// A threshold as a share of one.
    static BigDecimal share(int perMille) {
        var share = BigDecimal.valueOf(perMille, 3).stripTrailingZeros();
        return share.scale() < 0 ? share.setScale(0) : share;
    }

    private static Map<String, Object> scope(Scope scope) {
        var tree = new LinkedHashMap<String, Object>();
        putUnlessEmpty(tree, "team", scope.team());
        putUnlessEmpty(tree, "project", scope.project());
        putUnlessEmpty(tree, "user", scope.user());
        putUnlessEmpty(tree, "end_user", scope.endUser());
        putUnlessEmpty(tree, "session", scope.session());
        putUnlessEmpty(tree, "key", scope.key());
        putUnlessEmpty(tree, "provider", scope.provider());
        if (!scope.tags().isEmpty()) {
            tree.put("tags", new TreeMap<>(scope.tags()));
        }
        return tree;
    }

    private static void putUnlessEmpty(Map<String, Object> tree, String name, String value) {
        if (!value.isEmpty()) {
            tree.put(name, value);
        }
    }

    /// Limits alone, as the API writes them: only those that are set.
    public static Map<String, Object> limits(Limits limits) {
        var tree = new LinkedHashMap<String, Object>();
        for (var measure : Measure.values()) {
            var limit = limits.of(measure);
            if (limit != Limits.NONE_SET) {
                tree.put(
                        measure.label(),
                        measure == Measure.COST_USD ? new Money(limit).toUsd() : (Object) limit);
            }
        }
        return tree;
    }

    private static Map<String, Object> rates(BudgetDefinition budget) {
        var trees = new LinkedHashMap<String, Object>();
        for (var rate : budget.rates()) {
            var tree = new LinkedHashMap<String, Object>();
            tree.put("per_minute", rate.perMinute());
            tree.put("burst", rate.burst());
            trees.put(rate.measure().label(), tree);
        }
        return trees;
    }

    private static List<Map<String, Object>> actions(BudgetDefinition budget) {
        var trees = new ArrayList<Map<String, Object>>();
        for (var action : budget.actions()) {
            var tree = new LinkedHashMap<String, Object>();
            tree.put("at", share(action.atPerMille()));
            tree.put("do", Fields.label(action.kind()));
            if (!action.models().isEmpty()) {
                tree.put("models", action.models());
            }
            if (action.kind() == Budget.Action.Kind.THROTTLE) {
                tree.put("tokens_per_minute", action.tokensPerMinute());
            }
            putUnlessEmpty(tree, "to", action.to());
            trees.add(tree);
        }
        return trees;
    }

    private static List<Map<String, Object>> overrides(BudgetDefinition budget) {
        var trees = new ArrayList<Map<String, Object>>();
        for (var override : budget.overrides()) {
            var tree = new LinkedHashMap<String, Object>();
            tree.put("subject", override.subject());
            tree.put("limits", limits(override.limits()));
            override.expiresAt().ifPresent(at -> tree.put("expires_at", at.toString()));
            trees.add(tree);
        }
        return trees;
    }

    private static Map<String, Object> clamp(Budget.Clamp clamp) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("when", clamp.always() ? "always" : "unset");
        tree.put("min_output_tokens", clamp.outputTokensMin());
        return tree;
    }
}
