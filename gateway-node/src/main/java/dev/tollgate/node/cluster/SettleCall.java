package dev.tollgate.node.cluster;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Command;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.UUID;

/// One settlement on its way, repeated until the book has taken it; the caller isn't kept waiting
/// for that. Everything happens on the caller's context.
final class SettleCall implements BookCall, Deadlines.Call {

    private final HazelcastBooks books;
    private final Desk desk;
    private final UUID id;
    private final long nowMillis;
    private final Amounts used;
    private final byte[] outcome;
    private final Context context;
    private final Promise<List<Command.Settled>> promise;
    private boolean told;
    private volatile boolean done;

    SettleCall(HazelcastBooks books, Desk desk, Command.Settle settle, Context context) {
        this.books = books;
        this.desk = desk;
        this.id = settle.id();
        this.nowMillis = settle.nowMillis();
        this.used = settle.used();
        this.outcome = settle.outcome();
        this.context = context;
        this.promise = HazelcastBooks.promiseOn(context);
    }

    Future<List<Command.Settled>> future() {
        return promise.future();
    }

    @Override
    public Command command(long term, List<UUID> acknowledged) {
        return new Command.Settle(id, term, nowMillis, used, outcome, acknowledged);
    }

    @Override
    public boolean acknowledges() {
        return true;
    }

    @Override
    public Context context() {
        return context;
    }

    /// Nobody but the book ends a settlement.
    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public void answered(Command.Result result, Answers by) {
        if (done) {
            return;
        }
        switch (result) {
            case Command.Settled settled -> {
                end();
                desk.owed.settled(by, settled.seq(), id);
                desk.acknowledgements.add(id);
                books.wakeBooker(desk);
                tell(List.of(settled));
            }
            case Command.Closed _ -> {
                end();
                books.late(desk, id, used, outcome);
                tell(List.of());
            }
            case Command.Failed failed -> {
                desk.failed(failed);
                desk.sendAgain(this);
            }
            default -> desk.sendAgain(this);
        }
    }

    private void end() {
        done = true;
        books.settlementEnded();
    }

    private void tell(List<Command.Settled> settled) {
        if (!told) {
            told = true;
            promise.complete(settled);
        }
    }

    @Override
    public void expire() {
        context.runOnContext(_ -> tell(List.of()));
    }
}
