package dev.tollgate.budget;

import dev.tollgate.budget.Command.Crowded;
import dev.tollgate.budget.Command.Exhausted;
import dev.tollgate.budget.Command.Full;
import dev.tollgate.budget.Command.HoldResult;
import dev.tollgate.budget.Command.RateLimited;
import dev.tollgate.budget.Command.Unseeded;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The decision whether an ask fits under all of its charges. Looks, and changes nothing.
final class Admission {

    private static final Counter[] NONE = {};

    private final Counters counters;
    private final List<BudgetCharge> charges;
    private final Counter[] found;
    private final Counter[] freed;
    private final long nowMillis;
    private List<Paced> paced = List.of();
    private long granted;
    private long started;

    /// The least that elastic charges have to cover at first.
    private long startLeast;

    Admission(Counters counters, List<BudgetCharge> charges, long nowMillis) {
        this(counters, charges, NONE, nowMillis);
    }

    /// @param freed the counters of the same request's attempt before: it is not one more in flight
    ///   there
    Admission(Counters counters, List<BudgetCharge> charges, Counter[] freed, long nowMillis) {
        this.counters = counters;
        this.charges = charges;
        this.found = new Counter[charges.size()];
        this.freed = freed;
        this.nowMillis = nowMillis;
    }

    /// Null when it fits: then [#granted] and [#found] say how.
    ///
    /// @param crowding whether the request would be one more in flight
    @Nullable HoldResult refusal(Ask ask, boolean crowding) {
        var unknown = find();
        if (unknown != null) {
            return unknown;
        }
        var crowded = crowding ? crowded() : null;
        if (crowded != null) {
            return crowded;
        }
        paced = paced();
        startLeast = ask.startMin();
        granted = largest(ask);
        if (granted < ask.outputMin()) {
            return lacking(ask);
        }
        return ask.elastic() && !starts(ask) ? lacking(ask) : null;
    }

    /// The output tokens of one choice that fit.
    long granted() {
        return granted;
    }

    /// The output tokens of one choice that elastic charges cover at first; 0 where none is
    /// elastic.
    long started() {
        return started;
    }

    /// The counters of the charges; those that start now are not yet among the book's.
    Counter[] found() {
        return found;
    }

    /// What is taken from buckets when `amounts` are held.
    List<Draw> draws(Amounts amounts) {
        return paced.isEmpty()
                ? List.of()
                : paced.stream()
                        .map(rate -> rate.draw(amounts))
                        .filter(draw -> draw.amount() > 0)
                        .toList();
    }

    /// Where the buckets stand then.
    List<Level> levels(Amounts amounts) {
        return paced.isEmpty()
                ? List.of()
                : paced.stream()
                        .filter(rate -> amounts.of(rate.pace().measure()) > 0)
                        .map(rate -> rate.after(amounts))
                        .toList();
    }

    private @Nullable HoldResult find() {
        var missing = 0;
        var unseeded = 0;
        for (var i = 0; i < found.length; i++) {
            var key = charges.get(i).counter();
            var counter = counters.get(key);
            if (counter == null) {
                var fresh = counters.startsAtZero(key);
                counter = counters.draft(key, charges.get(i).windowEnd(), fresh);
                missing++;
            }
            unseeded += counter.seeded ? 0 : 1;
            found[i] = counter;
        }
        if (missing > 0 && !counters.hasRoomFor(missing, found)) {
            return new Full("counters");
        }
        return unseeded > 0 ? unseeded() : null;
    }

    private Unseeded unseeded() {
        var keys = new ArrayList<CounterKey>();
        for (var counter : found) {
            if (!counter.seeded) {
                keys.add(counter.key);
            }
        }
        return new Unseeded(keys);
    }

    private @Nullable Crowded crowded() {
        for (var i = 0; i < found.length; i++) {
            var charge = charges.get(i);
            var max = charge.concurrentMax();
            if (max > 0
                    && charge.counts()
                    && found[i].lane.openHolds >= max
                    && !isFreed(found[i].lane)) {
                return new Crowded(charge.budget(), charge.counter().subject(), max);
            }
        }
        return null;
    }

    private boolean isFreed(Counter.Lane lane) {
        for (var counter : freed) {
            if (counter.lane == lane) {
                return true;
            }
        }
        return false;
    }

    /// The most output tokens of one choice that every charge has room for, [Room#NONE] when one
    /// has none. Computed in closed form, then checked.
    private long largest(Ask ask) {
        var most = ask.outputMax();
        for (var i = 0; i < found.length && most >= 0; i++) {
            var charge = charges.get(i);
            if (isElastic(ask, charge)) {
                continue;
            }
            if (charge.counts()) {
                most = Math.min(most, Room.output(ask, charge, found[i]));
            } else if (Room.spent(charge, found[i]) != null) {
                return Room.NONE;
            }
        }
        for (var i = 0; i < paced.size(); i++) {
            most = Math.min(most, paced.get(i).output(ask));
        }
        return most >= 0 && lacking(ask, most) >= 0 ? Room.NONE : most;
    }

    /// Whether elastic charges have room for a beginning. What the answer can have in all is then
    /// no more than they can come to cover if all that others hold is given back.
    private boolean starts(Ask ask) {
        startLeast = Math.min(startLeast, granted);
        started = ask.start();
        for (var i = 0; i < found.length && started >= 0; i++) {
            var charge = charges.get(i);
            if (isElastic(ask, charge)) {
                started = Math.min(started, Room.output(ask, charge, found[i]));
                granted = Math.min(granted, atEnd(ask, charge, found[i]));
            }
        }
        started = Math.min(started, granted);
        return started >= startLeast && lackingElastic(ask.amounts(started)) < 0;
    }

    private static boolean isElastic(Ask ask, BudgetCharge charge) {
        return ask.elastic() && charge.elastic();
    }

    private static long atEnd(Ask ask, BudgetCharge charge, Counter counter) {
        return Room.output(ask, charge, counter, counter.held.amounts());
    }

    /// The rates to be kept to.
    private List<Paced> paced() {
        var rates = List.<Paced>of();
        for (var i = 0; i < found.length; i++) {
            var charge = charges.get(i);
            if (!charge.rates().isEmpty() || !charge.throttles().isEmpty()) {
                rates = rates.isEmpty() ? new ArrayList<>() : rates;
                Paced.collect(charge, found[i], nowMillis, rates);
            }
        }
        return rates;
    }

    /// The first limit that lacks room, or else the rate that takes longest.
    private HoldResult lacking(Ask ask) {
        var least = ask.amounts(ask.outputMin());
        var limited = lackingLeast(ask) < 0 ? limited(least) : null;
        return limited == null ? exhausted(ask) : limited;
    }

    private @Nullable RateLimited limited(Amounts least) {
        @Nullable RateLimited longest = null;
        for (var rate : paced) {
            if (rate.lacks(least) && (longest == null || longest.waitMillis() >= 0)) {
                var wait = rate.waitMillis(least, nowMillis);
                if (longest == null || wait < 0 || wait > longest.waitMillis()) {
                    longest = limited(rate, least, wait);
                }
            }
        }
        return longest;
    }

    private static RateLimited limited(Paced rate, Amounts least, long waitMillis) {
        return new RateLimited(
                rate.counter().key,
                rate.charge().budget(),
                rate.bucket().rate(),
                rate.pace() == Pace.THROTTLE,
                least.of(rate.pace().measure()),
                rate.bucket().left(),
                waitMillis);
    }

    /// The first charge that has no room for so many output tokens of one choice, elastic ones left
    /// aside; -1 when all have.
    private int lacking(Ask ask, long outputTokens) {
        var amounts = ask.amounts(outputTokens);
        for (var i = 0; i < found.length; i++) {
            if (!isElastic(ask, charges.get(i)) && lacking(amounts, i) != null) {
                return i;
            }
        }
        return -1;
    }

    /// The first elastic charge that has no room for `amounts`, -1 when all have.
    private int lackingElastic(Amounts amounts) {
        for (var i = 0; i < found.length; i++) {
            if (charges.get(i).elastic() && lacking(amounts, i) != null) {
                return i;
            }
        }
        return -1;
    }

    /// The first charge that lacks room for the least that is asked of it.
    private int lackingLeast(Ask ask) {
        for (var i = 0; i < found.length; i++) {
            if (lacking(least(ask, charges.get(i)), i) != null) {
                return i;
            }
        }
        return -1;
    }

    private Amounts least(Ask ask, BudgetCharge charge) {
        return ask.amounts(isElastic(ask, charge) ? startLeast : ask.outputMin());
    }

    private @Nullable Measure lacking(Amounts amounts, int place) {
        var charge = charges.get(place);
        return charge.counts()
                ? Room.lacking(amounts, charge, found[place])
                : Room.spent(charge, found[place]);
    }

    private Exhausted exhausted(Ask ask) {
        var place = Math.max(0, lackingLeast(ask));
        var charge = charges.get(place);
        var least = least(ask, charge);
        var counter = found[place];
        var lacking = lacking(least, place);
        var measure = lacking == null ? Measure.COST_USD : lacking;
        var ceiling = charge.ceilings().of(measure);
        var asked = charge.counts() ? least.of(measure) : 0;
        var roomUnheld = Math.min(Book.AMOUNT_MAX, ceiling - counter.posted(measure));
        return new Exhausted(
                counter.standing(charge),
                measure,
                asked,
                ceiling,
                charge.action(),
                charge.counts() && asked <= roomUnheld);
    }
}
