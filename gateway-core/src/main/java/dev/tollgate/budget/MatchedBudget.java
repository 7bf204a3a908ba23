package dev.tollgate.budget;

import dev.tollgate.budget.Budget.Action;
import dev.tollgate.budget.Budget.Per;
import dev.tollgate.caller.Caller;
import dev.tollgate.policy.Glob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A budget with its patterns and actions prepared for matching. Any thread: the remembered window
/// may be computed twice, with one result.
final class MatchedBudget {

    /// What a charge says whose lowest ceiling leads to another model.
    static final String DOWNGRADE = "downgrade";

    private static final int NO_CEILING = Integer.MAX_VALUE;

    /// Its place in the configuration.
    final int place;

    private final Budget budget;
    private final List<Glob> models;
    private final List<Integer> alerts;
    private final List<Blocking> blocks = new ArrayList<>();
    private final List<Action> throttles = new ArrayList<>();
    private final List<Action> downgrades = new ArrayList<>();
    private final Map<String, Budget.SubjectOverride> overrides = new HashMap<>();
    private final int rejectPerMille;

    private volatile Window window = new Window(0, 0);

    MatchedBudget(Budget budget, int place) {
        this.budget = budget;
        this.place = place;
        this.models = Glob.all(budget.models());
        var reject = NO_CEILING;
        var thresholds = new ArrayList<Integer>();
        for (var action : actions(budget)) {
            switch (action.kind()) {
                case ALERT -> thresholds.add(action.atPerMille());
                case REJECT -> reject = Math.min(reject, action.atPerMille());
                case THROTTLE -> throttles.add(action);
                case DOWNGRADE -> downgrades.add(action);
                case BLOCK ->
                        blocks.add(new Blocking(action.atPerMille(), Glob.all(action.models())));
            }
        }
        this.rejectPerMille = reject;
        this.alerts = List.copyOf(thresholds);
        budget.overrides().forEach(override -> overrides.put(override.subject(), override));
    }

    private static List<Action> actions(Budget budget) {
        return budget.actions().isEmpty() ? Action.DEFAULTS : budget.actions();
    }

    Budget budget() {
        return budget;
    }

    Scope scope() {
        return budget.scope();
    }

    /// Whether the request counts for the budget, or is one of those it may block.
    boolean matches(Facts facts) {
        return inScope(facts) && (counts(facts) || blocksOthers(facts));
    }

    private boolean inScope(Facts facts) {
        var scope = budget.scope();
        var caller = facts.caller();
        return fits(scope.team(), caller.team())
                && fits(scope.project(), caller.project())
                && fits(scope.user(), caller.user())
                && fits(scope.endUser(), facts.attribution().endUser())
                && fits(scope.session(), facts.attribution().session())
                && fitsKey(scope.key(), caller)
                && fits(scope.provider(), facts.provider())
                && fitsTags(scope.tags(), facts.attribution().tags());
    }

    private static boolean fits(String wanted, String actual) {
        return wanted.isEmpty() || wanted.equals(actual);
    }

    /// By its id, or by its name, which is what people write.
    private static boolean fitsKey(String wanted, Caller caller) {
        return fits(wanted, caller.keyId())
                || (!caller.keyId().isEmpty() && wanted.equals(caller.keyName()));
    }

    private static boolean fitsTags(Map<String, String> wanted, Map<String, String> actual) {
        return wanted.isEmpty() || actual.entrySet().containsAll(wanted.entrySet());
    }

    private boolean counts(Facts facts) {
        return anyMatches(models, facts);
    }

    /// A budget per model has no counter that could block another model.
    private boolean blocksOthers(Facts facts) {
        return budget.per() != Per.MODEL && blockPerMille(facts) != NO_CEILING;
    }

    private int blockPerMille(Facts facts) {
        var lowest = NO_CEILING;
        for (var i = 0; i < blocks.size(); i++) {
            var block = blocks.get(i);
            if (block.perMille() < lowest && anyMatches(block.models(), facts)) {
                lowest = block.perMille();
            }
        }
        return lowest;
    }

    private static boolean anyMatches(List<Glob> models, Facts facts) {
        return Glob.anyMatches(models, facts.model())
                || (!facts.upstreamModel().equals(facts.model())
                        && Glob.anyMatches(models, facts.upstreamModel()));
    }

    BudgetCharge charge(Facts facts, long nowMillis) {
        var counts = counts(facts);
        var subject = subject(facts);
        var limits = limits(subject, nowMillis);
        var block = blockPerMille(facts);
        var reject = counts ? rejectPerMille : NO_CEILING;
        var downgrade = counts ? downgradePerMille(facts) : NO_CEILING;
        var lowest = Math.min(downgrade, Math.min(block, reject));
        var now = window(Math.floorDiv(nowMillis, 1000L));
        return new BudgetCharge(
                new CounterKey(budget.id(), subject, now.start()),
                budget.name(),
                now.end(),
                limits,
                lowest == NO_CEILING ? Limits.UNLIMITED : limits.share(lowest),
                counts ? budget.concurrentMax() : 0,
                alerts,
                action(reject, block, downgrade),
                counts,
                counts ? budget.rates() : List.of(),
                counts ? throttles(limits) : List.of(),
                counts && budget.elastic() && lowest != NO_CEILING);
    }

    private static String action(int reject, int block, int downgrade) {
        if (downgrade < Math.min(reject, block)) {
            return DOWNGRADE;
        }
        if (reject == NO_CEILING && block == NO_CEILING) {
            return "alert";
        }
        return block < reject ? "block" : "reject";
    }

    private List<Throttle> throttles(Limits limits) {
        if (throttles.isEmpty()) {
            return List.of();
        }
        return throttles.stream()
                .map(action ->
                        new Throttle(limits.share(action.atPerMille()), action.tokensPerMinute()))
                .toList();
    }

    /// The model that serves when a request for this one does not fit under the first threshold
    /// that is about it; empty when none is.
    Optional<String> downgrade(Facts facts) {
        var place = nextDowngrade(facts);
        return place == downgrades.size()
                ? Optional.empty()
                : Optional.of(downgrades.get(place).to());
    }

    private int downgradePerMille(Facts facts) {
        if (downgrades.isEmpty()) {
            return NO_CEILING;
        }
        var place = nextDowngrade(facts);
        return place == downgrades.size() ? NO_CEILING : downgrades.get(place).atPerMille();
    }

    /// A model that one threshold leads to is subject only to those behind it: nothing leads back.
    private int nextDowngrade(Facts facts) {
        var place = downgrades.size();
        while (place > 0 && !leadsTo(downgrades.get(place - 1).to(), facts)) {
            place--;
        }
        return place;
    }

    private static boolean leadsTo(String to, Facts facts) {
        return to.equals(facts.model())
                || to.equals(facts.upstreamModel())
                || to.equals(facts.provider() + "/" + facts.model());
    }

    private Window window(long epochSecond) {
        var current = window;
        if (!current.contains(epochSecond)) {
            current = Window.of(budget.period(), budget.zone(), epochSecond);
            window = current;
        }
        return current;
    }

    private Limits limits(String subject, long nowMillis) {
        if (overrides.isEmpty()) {
            return budget.limits();
        }
        var override = overrides.get(subject);
        return override == null || override.expired(nowMillis)
                ? budget.limits()
                : budget.limits().overriddenBy(override.limits());
    }

    private String subject(Facts facts) {
        return switch (budget.per()) {
            case NONE -> "";
            case TEAM -> facts.caller().team();
            case PROJECT -> facts.caller().project();
            case USER -> facts.caller().user();
            case END_USER -> facts.attribution().endUser();
            case SESSION -> facts.attribution().session();
            case KEY -> facts.caller().keyId();
            case PROVIDER -> facts.provider();
            case MODEL -> facts.model();
        };
    }

    private record Blocking(int perMille, List<Glob> models) {}
}
