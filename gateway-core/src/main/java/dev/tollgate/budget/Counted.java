package dev.tollgate.budget;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The charges that count, each with its counter. Never changed; not a record because it holds
/// arrays, which are cheaper to walk than lists on the hot path.
final class Counted {

    final BudgetCharge[] charges;
    final Counter[] counters;

    Counted(BudgetCharge[] charges, Counter[] counters) {
        this.charges = charges;
        this.counters = counters;
    }

    static Counted of(List<BudgetCharge> charges, Counter[] counters) {
        var count = 0;
        for (var i = 0; i < counters.length; i++) {
            count += charges.get(i).counts() ? 1 : 0;
        }
        var counting = new BudgetCharge[count];
        var theirs = count == counters.length ? counters : new Counter[count];
        var place = 0;
        for (var i = 0; i < counters.length; i++) {
            if (charges.get(i).counts()) {
                counting[place] = charges.get(i);
                theirs[place++] = counters[i];
            }
        }
        return new Counted(counting, theirs);
    }

    /// The standing with the smallest share of a limit left; empty without charges.
    List<Standing> tightest() {
        @Nullable BudgetCharge tightest = null;
        @Nullable Counter counter = null;
        var least = Double.MAX_VALUE;
        for (var i = 0; i < counters.length; i++) {
            var left = counters[i].shareLeft(charges[i].limits());
            if (left < least) {
                least = left;
                tightest = charges[i];
                counter = counters[i];
            }
        }
        return tightest == null || counter == null
                ? List.of()
                : List.of(counter.standing(tightest));
    }
}
