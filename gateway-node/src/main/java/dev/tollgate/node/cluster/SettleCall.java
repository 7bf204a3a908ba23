package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One settlement on its way. What cannot be settled now is tried again in the background; the
/// caller isn't kept waiting for it. Everything happens on the caller's context.
final class SettleCall implements Deadlines.Call {

    private final HazelcastBooks books;
    private final Desk desk;
    private final Command.Settle settle;
    private final Context context;
    private final Promise<List<Command.Settled>> promise;
    private volatile boolean done;

    SettleCall(HazelcastBooks books, Desk desk, Command.Settle settle, Context context) {
        this.books = books;
        this.desk = desk;
        this.settle = settle;
        this.context = context;
        this.promise = HazelcastBooks.promiseOn(context);
    }

    Future<List<Command.Settled>> future() {
        return promise.future();
    }

    void send() {
        books.calls()
                .apply(desk.organization, settle)
                .whenCompleteAsync(this::answered, HazelcastBooks.onContext(context));
    }

    private void answered(Command.@Nullable Result result, @Nullable Throwable failure) {
        if (failure != null || result == null) {
            desk.acknowledgements.putBack(settle.acknowledged());
            books.settleLater(desk, settle);
            return;
        }
        if (!books.settled(desk, settle.id(), result)) {
            books.settleLater(desk, settle);
            return;
        }
        complete(result instanceof Command.Settled settled ? List.of(settled) : List.of());
    }

    private void complete(List<Command.Settled> settled) {
        if (!done) {
            done = true;
            promise.complete(settled);
        }
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public void expire() {
        context.runOnContext(_ -> complete(List.of()));
    }
}
