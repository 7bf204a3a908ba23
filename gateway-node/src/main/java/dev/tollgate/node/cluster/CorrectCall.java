package dev.tollgate.node.cluster;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Answers;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import io.vertx.core.Context;
import java.util.List;
import java.util.UUID;

/// A late truth on its way: what this node settled after others had taken it for dead, repeated
/// until the book has taken it. The ledger decides by the id what is still missing.
final class CorrectCall implements BookCall {

    private final HazelcastBooks books;
    private final Desk desk;
    private final Command.Hold hold;
    private final long nowMillis;
    private final Amounts used;
    private final byte[] row;
    private final Context context;
    private volatile boolean done;

    CorrectCall(
            HazelcastBooks books,
            Desk desk,
            Command.Hold hold,
            Amounts used,
            byte[] outcome,
            Context context) {
        this.books = books;
        this.desk = desk;
        this.hold = hold;
        this.nowMillis = books.nowMillis();
        this.used = used;
        this.row = Rows.joined(hold.facts(), outcome);
        this.context = context;
    }

    @Override
    public Command command(long term, List<UUID> acknowledged) {
        return new Command.Correct(
                hold.id(), term, nowMillis, hold.incarnation(), charges(), used, row);
    }

    private List<BudgetCharge> charges() {
        return hold.charges();
    }

    @Override
    public boolean acknowledges() {
        return false;
    }

    @Override
    public Context context() {
        return context;
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public void answered(Command.Result result, Answers by) {
        if (done) {
            return;
        }
        if (result instanceof Command.Settled settled) {
            done = true;
            books.settlementEnded();
            desk.owed.settled(by, settled.seq(), hold.id());
            desk.acknowledgements.add(hold.id());
            books.wakeBooker(desk);
        } else {
            desk.sendAgain(this);
        }
    }
}
