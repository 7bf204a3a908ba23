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
            if (fits(ask.amounts(output))) {
                return output;
            }
        }
        return exhausted(ask.amounts(ask.outputMin()));
    }

    private boolean fits(Amounts amounts) {
        for (var charge : charges) {
            for (var measure : Measure.values()) {
                if (lacks(charge, measure, amounts)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean lacks(BudgetCharge charge, Measure measure, Amounts amounts) {
        var ceiling = charge.ceilings().of(measure);
        if (ceiling == Limits.NONE_SET) {
            return false;
        }
        var posted = world.posted(charge.counter()).of(measure);
        if (!charge.counts()) {
            return posted >= ceiling;
        }
        var asked = amounts.of(measure);
        return asked > 0 && posted + world.held(charge.counter()).of(measure) + asked > ceiling;
    }

    private Exhausted exhausted(Amounts least) {
        for (var charge : charges) {
            for (var measure : Measure.values()) {
                if (lacks(charge, measure, least)) {
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
