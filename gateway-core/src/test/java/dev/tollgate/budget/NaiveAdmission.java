package dev.tollgate.budget;

import dev.tollgate.budget.Command.Crowded;
import dev.tollgate.budget.Command.Exhausted;
import java.util.List;

/// What a book ought to answer, found by trying every output from the largest to the smallest.
final class NaiveAdmission {

    private final BookWorld world;
    private final List<BudgetCharge> charges;

    NaiveAdmission(BookWorld world, List<BudgetCharge> charges) {
        this.world = world;
        this.charges = charges;
    }

    /// The output granted, a `Long`, or the refusal.
    Object decide(Ask ask) {
        for (var charge : charges) {
            if (charge.counts()
                    && charge.concurrentMax() > 0
                    && world.inFlight(charge.counter()) >= charge.concurrentMax()) {
                return new Crowded(
                        charge.budget(), charge.counter().subject(), charge.concurrentMax());
            }
        }
        return decideWithoutCrowding(ask);
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
