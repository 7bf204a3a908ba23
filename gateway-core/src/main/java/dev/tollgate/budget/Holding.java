package dev.tollgate.budget;

import dev.tollgate.budget.Command.Full;
import dev.tollgate.budget.Command.HoldResult;
import dev.tollgate.budget.Command.NextResult;
import dev.tollgate.budget.Command.Result;
import dev.tollgate.budget.Command.SettleResult;
import dev.tollgate.budget.Command.Stale;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A [Book]'s decisions about requests: what is held, and what becomes of it.
final class Holding {

    private static final Amounts AMOUNTS_MAX =
            new Amounts(Book.AMOUNT_MAX, Book.AMOUNT_MAX, Book.AMOUNT_MAX, Book.AMOUNT_MAX);
    private static final Ask CACHE_HIT = new Ask(1, 0, 0, 0, 0, 1, 0);
    private static final Counter[] NONE = {};

    private final BookState state;
    private final Book.Bounds bounds;

    Holding(BookState state, Book.Bounds bounds) {
        this.state = state;
        this.bounds = bounds;
    }

    HoldResult hold(Command.Hold hold) {
        return hold(hold, NONE);
    }

    /// @param freed the counters of the attempt that has just ended for this one
    private HoldResult hold(Command.Hold hold, Counter[] freed) {
        acknowledge(hold.acknowledged());
        if (hold.configVersion() < state.configVersion()) {
            return new Stale(state.configVersion());
        }
        var before = state.holds.get(hold.id());
        if (before != null) {
            confirmed();
            return before.held();
        }
        if (state.outbox.result(hold.id()) != null) {
            return BookState.CLOSED;
        }
        var full = full(hold.facts().length);
        if (full != null) {
            return full;
        }
        var admission = new Admission(state.counters, hold.charges(), freed, hold.nowMillis());
        var refusal = admission.refusal(hold.ask(), true);
        return refusal == null ? take(hold, admission) : refusal;
    }

    private HoldResult take(Command.Hold hold, Admission admission) {
        var granted = admission.granted();
        var amounts = held(hold.ask(), granted);
        var elastic = Elastic.of(hold.ask(), admission.started());
        var tightest =
                Counted.of(hold.charges(), admission.found())
                        .tightest(amounts, elastic.isGrowing() ? elastic.amounts() : amounts);
        var take =
                new Change.Take(
                        hold.acknowledging(List.of()),
                        granted,
                        amounts,
                        tightest,
                        admission.draws(amounts),
                        elastic);
        var held = state.take(take, admission.found());
        fill(admission.levels(amounts));
        return held;
    }

    private void fill(List<Level> levels) {
        if (!levels.isEmpty()) {
            state.fill(new Change.Fill(levels));
        }
    }

    /// Gives back to the buckets what was drawn and not used, or takes what was used beyond it.
    void giveBack(List<Draw> draws, Amounts used, long nowMillis) {
        fill(givenBack(draws, used, nowMillis));
    }

    private List<Level> givenBack(List<Draw> draws, Amounts used, long nowMillis) {
        if (draws.isEmpty()) {
            return List.of();
        }
        var levels = new ArrayList<Level>(draws.size());
        for (var draw : draws) {
            var bucket = state.counters.bucket(draw.budgetId(), draw.subject(), draw.pace());
            var back = draw.amount() - used.of(draw.pace().measure());
            if (bucket != null && back != 0) {
                var now = bucket.at(nowMillis);
                levels.add(
                        new Level(
                                draw.budgetId(),
                                draw.subject(),
                                draw.pace(),
                                back > 0 ? now.plus(back) : now.minus(-back)));
            }
        }
        return levels;
    }

    static Amounts held(Ask ask, long granted) {
        return ask.amounts(granted).min(AMOUNTS_MAX);
    }

    /// What is told again may be missing on the backup, which has to acknowledge the repeat.
    private void confirmed() {
        state.acknowledge(new Change.Acknowledge(List.of()));
    }

    private @Nullable Full full(int rowBytes) {
        if (state.outbox.size() + state.holds.size() >= bounds.entriesMax()) {
            return new Full("entries not yet booked");
        }
        var bytes = state.outbox.bytes() + state.holds.bytes() + rowBytes + OpenHold.OUTCOME_BYTES;
        return bytes > bounds.bytesMax() ? new Full("bytes not yet booked") : null;
    }

    private void acknowledge(List<UUID> ids) {
        if (!ids.isEmpty()) {
            var news = state.outbox.unacknowledged(ids);
            if (!news.isEmpty()) {
                state.acknowledge(new Change.Acknowledge(news));
            }
        }
    }

    Result checkpoint(Command.Checkpoint checkpoint) {
        var hold = state.holds.get(checkpoint.id());
        if (hold == null) {
            return BookState.CLOSED;
        }
        var soFar = checkpoint.soFar().min(hold.covered()).max(hold.soFar);
        if (!soFar.equals(hold.soFar)) {
            state.checkpoint(new Change.Checkpoint(hold.id, soFar), hold);
        }
        return new Command.Checkpointed();
    }

    Result extend(Command.Extend extend) {
        var hold = state.holds.get(extend.id());
        if (hold == null) {
            return BookState.CLOSED;
        }
        var covered = hold.elastic().outputTokens();
        var wanted = Math.min(extend.ask().outputMax(), hold.held().outputGranted());
        if (covered == 0 || wanted <= covered) {
            confirmed();
            return new Command.Extended(covered == 0 ? hold.held().outputGranted() : covered);
        }
        var unseeded = Extending.unseeded(hold.counted);
        if (!unseeded.isEmpty()) {
            return new Command.Unseeded(unseeded);
        }
        var more = Extending.most(hold, extend.ask(), wanted);
        if (more <= covered) {
            confirmed();
            return new Command.Extended(covered);
        }
        state.extend(
                new Change.Extend(
                        hold.id, new Elastic(more, Extending.amounts(hold, extend.ask(), more))),
                hold);
        return new Command.Extended(more);
    }

    SettleResult settle(Command.Settle settle) {
        acknowledge(settle.acknowledged());
        var before = state.outbox.result(settle.id());
        if (before != null) {
            confirmed();
            return before;
        }
        var hold = state.holds.get(settle.id());
        return hold == null
                ? BookState.CLOSED
                : settle(hold, settle.used(), settle.outcome(), settle.nowMillis());
    }

    private SettleResult settle(OpenHold hold, Amounts used, byte[] outcome, long nowMillis) {
        var result = settle(hold, used, outcome, false);
        giveBack(hold.draws, used, nowMillis);
        return result;
    }

    /// @param orphan for all it held: nothing comes back
    SettleResult settle(OpenHold hold, Amounts used, byte[] outcome, boolean orphan) {
        var more = used.minus(hold.amounts);
        var elasticMore = hold.elastic().isGrowing() ? used.minus(hold.elasticAmounts()) : more;
        var tightest = orphan ? -1 : hold.counted.tightest(more, elasticMore);
        var alerts = hold.counted.crossings(used);
        var overrun = used.exceeds(hold.covered());
        return state.settle(
                new Change.Settle(hold.id, used, outcome, overrun, tightest, alerts, orphan), hold);
    }

    /// Decides as if the first were settled, and settles it only when the second is taken. A first
    /// that is not open was settled before, by this command or without its owner.
    NextResult next(Command.Next next) {
        var ending = state.holds.get(next.settle().id());
        if (ending == null) {
            return new NextResult(settle(next.settle()), hold(next.hold(), NONE));
        }
        acknowledge(next.settle().acknowledged());
        var refusal = refusal(ending, next.settle(), next.hold());
        return refusal == null
                ? new NextResult(settle(next.settle()), hold(next.hold(), ending.counted.counters))
                : new NextResult(new Command.Unsettled(), refusal);
    }

    private @Nullable HoldResult refusal(
            OpenHold ending, Command.Settle settle, Command.Hold hold) {
        if (hold.configVersion() < state.configVersion()) {
            return new Stale(state.configVersion());
        }
        var full = full(hold.facts().length);
        if (full != null) {
            return full;
        }
        var back = givenBack(ending.draws, settle.used(), settle.nowMillis());
        try (var _ = new AsSettled(state.counters, ending, settle.used(), back)) {
            return new Admission(
                            state.counters,
                            hold.charges(),
                            ending.counted.counters,
                            hold.nowMillis())
                    .refusal(hold.ask(), true);
        }
    }

    Result charge(Command.Charge charge) {
        acknowledge(charge.acknowledged());
        var before = state.outbox.result(charge.id());
        if (before != null) {
            return before;
        }
        if (charge.configVersion() < state.configVersion()) {
            return new Stale(state.configVersion());
        }
        var full = full(charge.row().length);
        if (full != null) {
            return full;
        }
        var admission = new Admission(state.counters, charge.charges(), charge.nowMillis());
        var refusal = admission.refusal(CACHE_HIT, false);
        return refusal == null ? post(charge, admission) : refusal;
    }

    private Result post(Command.Charge charge, Admission admission) {
        var used = CACHE_HIT.amounts(0);
        var counted = Counted.of(charge.charges(), admission.found());
        var settled =
                state.charge(
                        new Change.Charge(
                                charge.acknowledging(List.of()),
                                used,
                                counted.tightest(used),
                                counted.crossings(used)),
                        admission.found());
        fill(admission.levels(used));
        return settled;
    }

    Result configure(Command.Configure configure) {
        if (configure.configVersion() > state.configVersion()) {
            state.configure(new Change.Configure(configure.configVersion()));
        }
        return new Command.Configured(state.configVersion());
    }
}
