package dev.tollgate.budget;

import dev.tollgate.path.Outcome;
import dev.tollgate.price.Money;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What an answer says of its cost and of what is left.
final class Headers {

    static final String COST = "x-tollgate-cost-usd";
    static final String REMAINING = "x-tollgate-budget-remaining";
    static final String CLAMPED = "x-tollgate-clamped";

    private Headers() {}

    static List<Map.Entry<String, String>> ofWhole(
            Outcome outcome, List<Standing> tightest, OptionalLong clampedTo) {
        var headers = of(tightest, clampedTo);
        outcome.cost().ifPresent(cost -> headers.add(Map.entry(COST, cost.toUsd())));
        return headers;
    }

    static List<Map.Entry<String, String>> of(List<Standing> tightest, OptionalLong clampedTo) {
        var headers = new ArrayList<Map.Entry<String, String>>(3);
        if (!tightest.isEmpty()) {
            headers.add(Map.entry(REMAINING, remaining(tightest.getFirst())));
        }
        clampedTo.ifPresent(tokens -> headers.add(Map.entry(CLAMPED, Long.toString(tokens))));
        return headers;
    }

    /// Such as `budget=daily, output_tokens=120, usd=1.50`; measures without a limit are left out.
    private static String remaining(Standing standing) {
        var text = new StringBuilder("budget=").append(standing.budget());
        for (var measure : Measure.values()) {
            var left = standing.remaining(measure);
            if (left != Limits.NONE_SET) {
                text.append(", ").append(measure == Measure.COST_USD ? "usd" : measure.label());
                text.append('=');
                text.append(measure == Measure.COST_USD ? new Money(left).toUsd() : left);
            }
        }
        return text.toString();
    }
}
