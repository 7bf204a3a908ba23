package dev.tollgate.budget;

import org.jspecify.annotations.Nullable;

/// How much of an ask fits under a charge's ceilings, without trying.
///
/// A measure of which nothing is asked is never short, even where more is posted than the ceiling
/// allows: what asks nothing takes nothing.
final class Room {

    /// Not even an answer of no tokens fits.
    static final long NONE = -1;

    private static final Measure[] MEASURES = Measure.values();

    private Room() {}

    /// The most output tokens of one choice that fit, or [#NONE].
    static long output(Ask ask, BudgetCharge charge, Counter counter) {
        return output(ask, charge, counter, Amounts.NONE);
    }

    /// The same when `free` of what the counter holds is as good as given back.
    static long output(Ask ask, BudgetCharge charge, Counter counter, Amounts free) {
        var ceilings = charge.ceilings();
        if (ceilings.equals(Limits.UNLIMITED)) {
            return Long.MAX_VALUE;
        }
        if (ask.requests() > room(ceilings, Measure.REQUESTS, counter, free)
                && ask.requests() > 0) {
            return NONE;
        }
        if (ask.inputTokens() > room(ceilings, Measure.INPUT_TOKENS, counter, free)
                && ask.inputTokens() > 0) {
            return NONE;
        }
        var output = room(ceilings, Measure.OUTPUT_TOKENS, counter, free);
        var total = room(ceilings, Measure.TOTAL_TOKENS, counter, free);
        return Math.min(
                Math.min(
                        afterInput(output, 0, ask.choices()),
                        afterInput(total, ask.inputTokens(), ask.choices())),
                costOutput(ask, room(ceilings, Measure.COST_USD, counter, free)));
    }

    /// The most output tokens of one choice that fit into `left` of one measure, or [#NONE].
    static long output(Ask ask, Measure measure, long left) {
        return switch (measure) {
            case REQUESTS -> ask.requests() > left ? NONE : Long.MAX_VALUE;
            case INPUT_TOKENS -> ask.inputTokens() > left ? NONE : Long.MAX_VALUE;
            case OUTPUT_TOKENS -> afterInput(left, 0, ask.choices());
            case TOTAL_TOKENS -> afterInput(left, ask.inputTokens(), ask.choices());
            case COST_USD -> throw new IllegalArgumentException("a rate of money");
        };
    }

    private static long costOutput(Ask ask, long room) {
        if (ask.inputCostPico() == 0 && ask.outputPico() == 0) {
            return Long.MAX_VALUE;
        }
        var roomPico = room > Long.MAX_VALUE / 1000 ? Long.MAX_VALUE : Math.max(0, room) * 1000;
        if (room < 0 && ask.inputCostPico() > 0) {
            return NONE;
        }
        var choicePico = product(ask.choices(), ask.outputPico());
        if (choicePico == 0) {
            return ask.inputCostPico() > roomPico ? NONE : Long.MAX_VALUE;
        }
        return afterInput(roomPico, ask.inputCostPico(), choicePico);
    }

    private static long afterInput(long room, long input, long each) {
        if (input == 0) {
            return Math.max(0, room) / each;
        }
        return room < input ? NONE : (room - input) / each;
    }

    /// What is left under the ceiling, at most [Book#AMOUNT_MAX] for any one request where there is
    /// a ceiling.
    private static long room(Limits ceilings, Measure measure, Counter counter, Amounts free) {
        var ceiling = ceilings.of(measure);
        return ceiling == Limits.NONE_SET
                ? Long.MAX_VALUE
                : Math.min(Book.AMOUNT_MAX, ceiling - counter.taken(measure) + free.of(measure));
    }

    private static long product(long left, long right) {
        var high = Math.multiplyHigh(left, right);
        var low = left * right;
        return high != 0 || low < 0 ? Long.MAX_VALUE : low;
    }

    /// The first measure in which `amounts` do not fit, null when all fit.
    static @Nullable Measure lacking(Amounts amounts, BudgetCharge charge, Counter counter) {
        return lacking(amounts, charge, counter, Amounts.NONE);
    }

    /// The same when `free` of what the counter holds is as good as given back.
    static @Nullable Measure lacking(
            Amounts amounts, BudgetCharge charge, Counter counter, Amounts free) {
        var ceilings = charge.ceilings();
        if (ceilings.equals(Limits.UNLIMITED)) {
            return null;
        }
        for (var measure : MEASURES) {
            var asked = amounts.of(measure);
            if (asked > 0 && asked > room(ceilings, measure, counter, free)) {
                return measure;
            }
        }
        return null;
    }

    /// The first measure in which posted has reached a ceiling, null when there is none: what
    /// refuses a request that does not count for the budget. It takes nothing, so what is only held
    /// does not count against it.
    static @Nullable Measure spent(BudgetCharge charge, Counter counter) {
        for (var measure : MEASURES) {
            var ceiling = charge.ceilings().of(measure);
            if (ceiling != Limits.NONE_SET && counter.posted(measure) >= ceiling) {
                return measure;
            }
        }
        return null;
    }
}
