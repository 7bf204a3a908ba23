package dev.tollgate.budget;

import dev.tollgate.budget.Command.Crowded;
import dev.tollgate.budget.Command.Exhausted;
import java.util.List;

/// What a book ought to answer, found by trying every output from the largest to the smallest.
final class NaiveAdmission {

    private final BookWorld world;
    private final List<BudgetCharge> charges;
    private final List<BudgetCharge> freed;

    NaiveAdmission(BookWorld world, List<BudgetCharge> charges) {
        this(world, charges, List.of());
    }

    /// @param freed what the same request was in flight for just before
    NaiveAdmission(BookWorld world, List<BudgetCharge> charges, List<BudgetCharge> freed) {
        this.world = world;
        this.charges = charges;
        this.freed = freed;
    }

    /// The output granted, a `Long`, or the refusal.
    Object decide(Ask ask) {
        for (var charge : charges) {
            if (charge.counts()
                    && charge.concurrentMax() > 0
                    && !isFreed(charge.counter())
                    && world.inFlight(charge.counter()) >= charge.concurrentMax()) {
                return new Crowded(
                        charge.budget(), charge.counter().subject(), charge.concurrentMax());
            }
        }
        return decideWithoutCrowding(ask);
    }

    private boolean isFreed(CounterKey key) {
        return freed.stream()
                .anyMatch(charge ->
                        charge.counts()
                                && charge.counter().budgetId().equals(key.budgetId())
                                && charge.counter().subject().equals(key.subject()));
    }

    Object decideWithoutCrowding(Ask ask) {
        for (var output = ask.outputMax(); output >= ask.outputMin(); output--) {
            if (fits(ask, output)) {
                var granted = atEnd(ask, output);
                var least = Math.min(ask.startMin(), output);
                return starts(ask, granted, least) ? (Object) granted : exhausted(ask, least);
            }
        }
        return exhausted(ask, ask.startMin());
    }

    /// What elastic budgets cover at first of a hold that was granted.
    long start(Ask ask, Command.Held held) {
        return ask.elastic() ? start(ask, held.outputGranted()) : 0;
    }

    private long start(Ask ask, long output) {
        if (!ask.elastic()) {
            return 0;
        }
        for (var start = Math.min(ask.start(), output); start > 0; start--) {
            if (elasticFits(ask.amounts(start), Amounts.NONE)) {
                return start;
            }
        }
        return 0;
    }

    private boolean elasticFits(Amounts amounts, Amounts own) {
        for (var charge : charges) {
            for (var measure : Measure.values()) {
                if (charge.counts()
                        && charge.elastic()
                        && lacks(charge, measure, amounts, own.of(measure))) {
                    return false;
                }
            }
        }
        return true;
    }

    /// What is covered after an extension.
    long extended(Ask ask, Command.Held held, Elastic elastic, long wanted) {
        var before = elastic.outputTokens();
        for (var output = Math.min(wanted, held.outputGranted()); output > before; output--) {
            if (elasticFits(ask.amounts(output), elastic.amounts())) {
                return output;
            }
        }
        return before;
    }

    private boolean fits(Ask ask, long output) {
        for (var charge : charges) {
            for (var measure : Measure.values()) {
                if (!isElastic(ask, charge) && lacks(charge, measure, ask.amounts(output), 0)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// What elastic budgets have room for when nothing is held any more.
    private long atEnd(Ask ask, long most) {
        for (var output = most; output > 0; output--) {
            if (fitsAtEnd(ask, output)) {
                return output;
            }
        }
        return 0;
    }

    private boolean fitsAtEnd(Ask ask, long output) {
        for (var charge : charges) {
            for (var measure : Measure.values()) {
                var held = world.held(charge.counter()).of(measure);
                if (isElastic(ask, charge) && lacks(charge, measure, ask.amounts(output), held)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isElastic(Ask ask, BudgetCharge charge) {
        return ask.elastic() && charge.elastic() && charge.counts();
    }

    private boolean lacks(BudgetCharge charge, Measure measure, Amounts amounts, long free) {
        var ceiling = charge.ceilings().of(measure);
        if (ceiling == Limits.NONE_SET) {
            return false;
        }
        var posted = world.posted(charge.counter()).of(measure);
        if (!charge.counts()) {
            return posted >= ceiling;
        }
        var asked = amounts.of(measure);
        var held = world.held(charge.counter()).of(measure) - free;
        return asked > 0 && posted + held + asked > ceiling;
    }

    private boolean starts(Ask ask, long granted, long least) {
        return !ask.elastic()
                || (start(ask, granted) >= least && elasticFits(ask.amounts(least), Amounts.NONE));
    }

    private Exhausted exhausted(Ask ask, long startLeast) {
        for (var charge : charges) {
            var least = ask.amounts(isElastic(ask, charge) ? startLeast : ask.outputMin());
            for (var measure : Measure.values()) {
                if (lacks(charge, measure, least, 0)) {
                    var asked = charge.counts() ? least.of(measure) : 0;
                    var ceiling = charge.ceilings().of(measure);
                    var posted = world.posted(charge.counter());
                    var standing =
                            new Standing(
                                    charge.counter(),
                                    charge.budget(),
                                    charge.limits(),
                                    posted,
                                    world.held(charge.counter()),
                                    charge.windowEnd());
                    return new Exhausted(
                            standing,
                            measure,
                            asked,
                            ceiling,
                            charge.action(),
                            charge.counts() && posted.of(measure) + asked <= ceiling);
                }
            }
        }
        throw new AssertionError("nothing lacks");
    }
}
