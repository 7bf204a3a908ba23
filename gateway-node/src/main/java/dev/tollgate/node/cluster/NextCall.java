package dev.tollgate.node.cluster;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Books.HoldRequest;
import dev.tollgate.budget.Command;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;

/// The step from one attempt to the next on its way: a hold that settles another in the same
/// command, once it is taken. That settlement is in the journal before.
///
/// As long as the hold is not taken the first attempt is open and its caller's to settle.
final class NextCall extends HoldCall {

    private final HazelcastBooks books;
    private final Desk desk;
    private final Command.Settle settle;
    private Command.SettleResult settled = new Command.Unsettled();

    NextCall(
            HazelcastBooks books,
            Desk desk,
            Command.Settle settle,
            HoldRequest request,
            Context context) {
        super(books, desk, request, context);
        this.books = books;
        this.desk = desk;
        this.settle = settle;
    }

    Future<Command.NextResult> both() {
        return future().map(hold -> new Command.NextResult(settled, hold));
    }

    @Override
    public Command command(long term, List<UUID> acknowledged) {
        var ending =
                new Command.Settle(
                        settle.id(),
                        term,
                        settle.nowMillis(),
                        settle.used(),
                        settle.outcome(),
                        List.of());
        return new Command.Next(ending, holding(term, acknowledged));
    }

    @Override
    public void answered(Command.Result result, Answers by) {
        if (result instanceof Command.NextResult(var first, var second)) {
            ended(first, by);
            super.answered(second, by);
        } else {
            super.answered(result, by);
        }
    }

    /// Told once: a repeat may find it settled and forgotten.
    private void ended(Command.SettleResult result, Answers by) {
        if (!(settled instanceof Command.Unsettled)) {
            return;
        }
        settled = result;
        switch (result) {
            case Command.Settled(var seq, _, _) -> {
                desk.owed.settled(by, seq, settle.id());
                desk.acknowledgements.add(settle.id());
                books.wakeBooker(desk);
            }
            case Command.Closed _ -> books.late(desk, settle.id(), settle.used(), settle.outcome());
            case Command.Unsettled _ -> {}
        }
    }
}
