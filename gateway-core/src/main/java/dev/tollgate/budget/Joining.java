package dev.tollgate.budget;

import dev.tollgate.budget.Command.NotOpen;
import dev.tollgate.budget.Command.Opened;
import dev.tollgate.budget.Command.Result;
import dev.tollgate.budget.Command.SettleResult;
import dev.tollgate.budget.Command.Settled;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.UUID;

/// A [Book]'s decisions about what comes from elsewhere than its requests: journals at an opening,
/// the death of an owner, the truth about one that was thought dead.
final class Joining {

    private final BookState state;
    private final Holding holding;
    private final Book.Bounds bounds;

    Joining(BookState state, Holding holding, Book.Bounds bounds) {
        this.state = state;
        this.holding = holding;
        this.bounds = bounds;
    }

    /// The command's term is not older than the book's.
    Result open(Command.Open open) {
        if (open.epoch() > state.epoch() && open.first()) {
            begin(open);
        } else if (open.term() > state.term()) {
            // Of an epoch that began in an earlier term.
            state.shut(new Change.Shut(open.term()));
            return new NotOpen();
        } else if (open.epoch() > state.epoch()) {
            return new NotOpen();
        } else if (open.epoch() < state.epoch() || state.isOpen()) {
            return new Opened(state.epoch());
        }
        drop(open.gone());
        open.entries().forEach(entry -> join(entry, open.openedMillis()));
        open.holds().forEach(this::join);
        if (open.last()) {
            state.finish(new Change.Finish());
        }
        return new Opened(state.epoch());
    }

    private void begin(Command.Open open) {
        state.begin(
                new Change.Begin(
                        open.term(),
                        open.epoch(),
                        open.configVersion(),
                        open.openedMillis(),
                        open.members(),
                        bounds.countersMax(),
                        bounds.entriesMax()));
    }

    private void drop(List<UUID> gone) {
        var open = new LinkedHashSet<UUID>();
        for (var id : gone) {
            if (state.holds.get(id) != null) {
                open.add(id);
            }
        }
        if (!open.isEmpty()) {
            state.drop(new Change.Drop(List.copyOf(open)));
        }
    }

    /// Its owner's word ends an open hold and goes before an orphan's result.
    private void join(Command.Open.Present entry, long nowMillis) {
        if (!(state.outbox.result(entry.id()) instanceof Settled)) {
            join(new Change.Join(entry), nowMillis);
        }
    }

    private SettleResult join(Change.Join join, long nowMillis) {
        var entry = join.entry();
        var hold = state.holds.get(entry.id());
        var draws = hold == null ? state.dropped(entry.id()) : hold.draws;
        var settled = state.join(join);
        holding.giveBack(draws, entry.used(), nowMillis);
        return settled;
    }

    private void join(Command.Hold hold) {
        if (state.outbox.result(hold.id()) == null && state.holds.get(hold.id()) == null) {
            var amounts = Holding.held(hold.ask(), hold.ask().outputMax());
            state.rejoin(
                    new Change.Rejoin(
                            hold.acknowledging(List.of()),
                            amounts,
                            state.dropped(hold.id()),
                            Elastic.of(hold.ask(), hold.ask().start())));
        }
    }

    SettleResult correct(Command.Correct correct) {
        if (state.outbox.result(correct.id()) instanceof Settled before) {
            return before;
        }
        return join(
                new Change.Join(
                        new Command.Open.Present(
                                correct.id(),
                                correct.incarnation(),
                                correct.charges(),
                                correct.used(),
                                correct.row())),
                correct.nowMillis());
    }

    Result orphan(Command.Orphan orphan) {
        var orphans = new ArrayList<>(state.holds.of(List.of(orphan.incarnation())));
        orphans.sort(Comparator.comparing(hold -> hold.id));
        for (var hold : orphans) {
            var used = hold.covered();
            holding.settle(hold, used, Row.ofOrphan(used, hold.priced), true);
        }
        return new Command.Orphaned(orphans.size());
    }
}
