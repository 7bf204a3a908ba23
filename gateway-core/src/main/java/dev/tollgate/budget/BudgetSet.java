package dev.tollgate.budget;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// An organization's budgets as of one configuration version, ready to be matched. Immutable but
/// for remembered windows; any thread.
///
/// Budgets about one key, user, end user, session, team or project are found by its name, so that
/// thousands of them cost a request no more than its own.
public final class BudgetSet {

    private final long configVersion;
    private final List<Budget> budgets;
    private final Map<UUID, MatchedBudget> byId = new HashMap<>();
    private final List<MatchedBudget> general = new ArrayList<>();
    private final Map<Name, List<MatchedBudget>> named = new HashMap<>();

    public BudgetSet(long configVersion, List<Budget> budgets) {
        this.configVersion = configVersion;
        this.budgets = List.copyOf(budgets);
        for (var place = 0; place < this.budgets.size(); place++) {
            var matched = new MatchedBudget(this.budgets.get(place), place);
            file(matched);
            byId.put(this.budgets.get(place).id(), matched);
        }
    }

    public long configVersion() {
        return configVersion;
    }

    public List<Budget> budgets() {
        return budgets;
    }

    public Optional<Budget> byId(UUID id) {
        return Optional.ofNullable(byId.get(id)).map(MatchedBudget::budget);
    }

    /// The model that a budget has serve instead of a request's own, once that does not fit.
    Optional<String> downgrade(UUID budgetId, Facts facts) {
        return Optional.ofNullable(byId.get(budgetId)).flatMap(budget -> budget.downgrade(facts));
    }

    /// The budgets a request has to have room in, in the order of the configuration.
    public List<BudgetCharge> chargesFor(Facts facts, long nowMillis) {
        if (budgets.isEmpty()) {
            return List.of();
        }
        var matched = new ArrayList<MatchedBudget>();
        collect(general, facts, matched);
        if (!named.isEmpty()) {
            collectNamed(facts, matched);
            matched.sort((left, right) -> Integer.compare(left.place, right.place));
        }
        var charges = new ArrayList<BudgetCharge>(matched.size());
        for (var budget : matched) {
            charges.add(budget.charge(facts, nowMillis));
        }
        return charges;
    }

    private void collectNamed(Facts facts, List<MatchedBudget> into) {
        var caller = facts.caller();
        collect(Part.KEY, caller.keyId(), facts, into);
        if (!caller.keyId().isEmpty() && !caller.keyName().equals(caller.keyId())) {
            collect(Part.KEY, caller.keyName(), facts, into);
        }
        collect(Part.USER, caller.user(), facts, into);
        collect(Part.END_USER, facts.attribution().endUser(), facts, into);
        collect(Part.SESSION, facts.attribution().session(), facts, into);
        collect(Part.TEAM, caller.team(), facts, into);
        collect(Part.PROJECT, caller.project(), facts, into);
    }

    private void collect(Part part, String name, Facts facts, List<MatchedBudget> into) {
        if (!name.isEmpty()) {
            collect(named.getOrDefault(new Name(part, name), List.of()), facts, into);
        }
    }

    private static void collect(
            List<MatchedBudget> budgets, Facts facts, List<MatchedBudget> into) {
        for (var i = 0; i < budgets.size(); i++) {
            if (budgets.get(i).matches(facts)) {
                into.add(budgets.get(i));
            }
        }
    }

    private void file(MatchedBudget budget) {
        var scope = budget.scope();
        for (var part : Part.values()) {
            var name = part.of(scope);
            if (!name.isEmpty()) {
                named.computeIfAbsent(new Name(part, name), _ -> new ArrayList<>()).add(budget);
                return;
            }
        }
        general.add(budget);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BudgetSet set
                && set.configVersion == configVersion
                && set.budgets.equals(budgets);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(configVersion) * 31 + budgets.hashCode();
    }

    @Override
    public String toString() {
        return "BudgetSet[" + configVersion + ", " + budgets.size() + " budgets]";
    }

    private record Name(Part part, String value) {}

    private enum Part {
        KEY,
        USER,
        END_USER,
        SESSION,
        TEAM,
        PROJECT;

        String of(Scope scope) {
            return switch (this) {
                case KEY -> scope.key();
                case USER -> scope.user();
                case END_USER -> scope.endUser();
                case SESSION -> scope.session();
                case TEAM -> scope.team();
                case PROJECT -> scope.project();
            };
        }
    }
}
