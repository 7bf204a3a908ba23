package dev.tollgate.budget;

import java.util.ArrayList;
import java.util.List;

/// How far an open hold can be extended: under the ceilings that its elastic charges had when it
/// was taken. Looks, and changes nothing.
final class Extending {

    private Extending() {}

    /// Counters of elastic charges of which the ledger's part is not known.
    static List<CounterKey> unseeded(Counted counted) {
        var keys = new ArrayList<CounterKey>(0);
        for (var i = 0; i < counted.counters.length; i++) {
            if (counted.charges[i].elastic() && !counted.counters[i].seeded) {
                keys.add(counted.counters[i].key);
            }
        }
        return keys;
    }

    /// The most output tokens of one choice, up to `wanted`, that all elastic charges have room
    /// for; [Room#NONE] when they lack room for anything.
    static long most(OpenHold hold, Ask ask, long wanted) {
        var counted = hold.counted;
        var own = hold.elasticAmounts();
        var most = wanted;
        for (var i = 0; i < counted.counters.length && most >= 0; i++) {
            if (counted.charges[i].elastic()) {
                most =
                        Math.min(
                                most,
                                Room.output(ask, counted.charges[i], counted.counters[i], own));
            }
        }
        return most >= 0 && lacks(hold, amounts(hold, ask, most)) ? Room.NONE : most;
    }

    private static boolean lacks(OpenHold hold, Amounts amounts) {
        var counted = hold.counted;
        var own = hold.elasticAmounts();
        for (var i = 0; i < counted.counters.length; i++) {
            if (counted.charges[i].elastic()
                    && Room.lacking(amounts, counted.charges[i], counted.counters[i], own)
                            != null) {
                return true;
            }
        }
        return false;
    }

    /// Never less than before in anything.
    static Amounts amounts(OpenHold hold, Ask ask, long outputTokens) {
        return Holding.held(ask, outputTokens).max(hold.elasticAmounts());
    }
}
