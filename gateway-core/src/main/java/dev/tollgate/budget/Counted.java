package dev.tollgate.budget;

import java.util.ArrayList;
import java.util.List;

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

    /// The place of the charge with the smallest share of a limit left when `more` is taken from
    /// all; -1 without charges.
    int tightest(Amounts more) {
        return tightest(more, more);
    }

    /// The same when elastic ones take another amount.
    int tightest(Amounts more, Amounts elasticMore) {
        var tightest = -1;
        var least = Double.MAX_VALUE;
        for (var i = 0; i < counters.length; i++) {
            var left =
                    counters[i].shareLeft(
                            charges[i].limits(), charges[i].elastic() ? elasticMore : more);
            if (left < least) {
                least = left;
                tightest = i;
            }
        }
        return tightest;
    }

    /// Empty for a place that is none.
    List<Standing> standing(int place) {
        return place < 0 || place >= counters.length
                ? List.of()
                : List.of(counters[place].standing(charges[place]));
    }

    /// The thresholds that are passed when `used` is settled.
    List<OutboxEntry.Crossing> crossings(Amounts used) {
        var alerts = new ArrayList<OutboxEntry.Crossing>(0);
        for (var i = 0; i < counters.length; i++) {
            counters[i].collectCrossings(charges[i], used, alerts);
        }
        return alerts;
    }
}
