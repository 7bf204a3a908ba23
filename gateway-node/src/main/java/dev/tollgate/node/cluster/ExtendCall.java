package dev.tollgate.node.cluster;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Books.ExtendRequest;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One extension of a hold on its way: sent, seeded and sent again where needed, journaled,
/// answered. Everything happens on the caller's context.
///
/// It tells no more than what the journal has: after a restart, or in a book that is opened anew,
/// everything that was produced under the answer is held.
final class ExtendCall implements BookCall, Deadlines.Call {

    private static final int SEEDINGS_MAX = 6;

    private final HazelcastBooks books;
    private final Desk desk;
    private final ExtendRequest request;
    private final Context context;
    private final Promise<Long> promise;

    private int seedings;
    private volatile boolean done;

    ExtendCall(HazelcastBooks books, Desk desk, ExtendRequest request, Context context) {
        this.books = books;
        this.desk = desk;
        this.request = request;
        this.context = context;
        this.promise = HazelcastBooks.promiseOn(context);
    }

    Future<Long> future() {
        return promise.future();
    }

    @Override
    public Command command(long term, List<UUID> acknowledged) {
        return new Command.Extend(request.id(), term, request.ask());
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
        switch (result) {
            case Command.Extended(var outputTokens) -> extended(outputTokens, by.epoch());
            case Command.Unseeded(var counters) -> seed(counters);
            case Command.Closed _ -> refuse("the hold was closed");
            default -> refuse("the book gave an unexpected answer");
        }
    }

    /// As with the hold itself: of a book that was opened anew since, or answered when the lease
    /// had run out, it is asked for again.
    private void extended(long outputTokens, long epoch) {
        if (!books.mayAct()) {
            desk.sendAgain(this);
            return;
        }
        switch (books.journal().appendExtension(request.id(), outputTokens, epoch)) {
            case RECORDED ->
                    books.journal()
                            .whenForced(() -> context.runOnContext(_ -> forced(outputTokens)));
            case OUTDATED -> desk.sendAgain(this);
            case FULL -> refuse("the journal takes no more");
        }
    }

    private void forced(long outputTokens) {
        if (!done && books.mayAct()) {
            done = true;
            promise.complete(outputTokens);
        } else {
            refuse("the lease ran out while the journal was forced");
        }
    }

    private void seed(List<CounterKey> counters) {
        if (++seedings > SEEDINGS_MAX) {
            refuse("the book keeps asking for counters");
            return;
        }
        var windowEnds = new HashMap<CounterKey, Long>();
        for (var charge : request.charges()) {
            windowEnds.put(charge.counter(), charge.windowEnd());
        }
        windowEnds.keySet().retainAll(new HashSet<>(counters));
        var _ =
                desk.seeding
                        .seed(windowEnds)
                        .copy()
                        .whenCompleteAsync(
                                (_, failure) -> seeded(failure), HazelcastBooks.onContext(context));
    }

    private void seeded(@Nullable Throwable failure) {
        if (failure == null) {
            desk.send(this);
        } else {
            refuse("the ledger's sums cannot be read");
        }
    }

    private void refuse(String reason) {
        if (!done) {
            done = true;
            promise.fail(new Refusal(new Problem.QuotaUnavailable(reason)));
        }
    }

    @Override
    public void expire() {
        context.runOnContext(_ -> refuse("the book did not answer in time"));
    }
}
