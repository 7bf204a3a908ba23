package dev.tollgate.node.cluster;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Books.HoldRequest;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One hold on its way: sent, seeded and sent again where needed, journaled, answered. Everything
/// happens on the caller's context.
sealed class HoldCall implements BookCall, Deadlines.Call permits NextCall {

    private static final int SEEDINGS_MAX = 6;
    private static final long SIDE_WORK_MILLIS_MAX = 2000;

    private final HazelcastBooks books;
    private final Desk desk;
    private final HoldRequest request;
    private final Context context;
    private final Promise<Command.HoldResult> promise;

    private List<BudgetCharge> charges;
    private Command.@Nullable Hold sent;
    private int seedings;
    private volatile boolean done;

    HoldCall(HazelcastBooks books, Desk desk, HoldRequest request, Context context) {
        this.books = books;
        this.desk = desk;
        this.request = request;
        this.context = context;
        this.promise = HazelcastBooks.promiseOn(context);
        this.charges = request.charges();
    }

    Future<Command.HoldResult> future() {
        return promise.future();
    }

    @Override
    public Command command(long term, List<UUID> acknowledged) {
        return holding(term, acknowledged);
    }

    final Command.Hold holding(long term, List<UUID> acknowledged) {
        var hold =
                new Command.Hold(
                        request.id(),
                        books.incarnation(),
                        term,
                        request.configVersion(),
                        books.nowMillis(),
                        request.ask(),
                        charges,
                        request.facts(),
                        acknowledged);
        sent = hold;
        return hold;
    }

    @Override
    public boolean acknowledges() {
        return true;
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
            if (result instanceof Command.Held) {
                books.abandon(desk, request.id());
            }
            return;
        }
        switch (result) {
            case Command.Held held -> held(held, by.epoch());
            case Command.Unseeded(var counters) -> seed(counters);
            case Command.Closed _ -> refuse("the hold was closed");
            case Command.Full _,
                    Command.Stale _,
                    Command.Crowded _,
                    Command.RateLimited _,
                    Command.Exhausted _ ->
                    complete((Command.HoldResult) result);
            default -> refuse("the book gave an unexpected answer");
        }
    }

    /// The journal is written before the upstream is called, under the lease of that moment: a hold
    /// of a book that was opened anew since, or answered when the lease had run out, is asked for
    /// again.
    private void held(Command.Held held, long epoch) {
        var hold = sent;
        if (hold == null || !books.mayAct()) {
            desk.sendAgain(this);
            return;
        }
        var recorded =
                books.journal()
                        .appendHold(
                                desk.organization,
                                hold.granted(held.outputGranted(), held.elastic().outputTokens()),
                                epoch);
        switch (recorded) {
            case RECORDED -> books.journal().whenForced(() -> onCallersContext(() -> forced(held)));
            case OUTDATED -> desk.sendAgain(this);
            case FULL -> {
                books.abandon(desk, request.id());
                refuse("the journal takes no more");
            }
        }
    }

    private void onContext(Runnable work) {
        context.runOnContext(_ -> work.run());
    }

    private void onCallersContext(Runnable work) {
        if (context.equals(Vertx.currentContext())) {
            work.run();
        } else {
            onContext(work);
        }
    }

    private void forced(Command.Held held) {
        if (done) {
            books.abandon(desk, request.id());
        } else if (books.mayAct()) {
            complete(held);
        } else {
            books.abandon(desk, request.id());
            refuse("the lease ran out while the journal was forced");
        }
    }

    private void seed(List<CounterKey> counters) {
        if (++seedings > SEEDINGS_MAX) {
            refuse("the book keeps asking for counters");
            return;
        }
        var windowEnds = new HashMap<CounterKey, Long>();
        for (var charge : charges) {
            windowEnds.put(charge.counter(), charge.windowEnd());
        }
        windowEnds.keySet().retainAll(new HashSet<>(counters));
        afterwards(
                desk.seeding.seed(windowEnds),
                failure -> {
                    if (failure == null || dropSoft(counters)) {
                        desk.send(this);
                    } else {
                        refuse("the ledger's sums cannot be read");
                    }
                });
    }

    /// Without the sums a budget that cannot refuse is left out; its ledger row still names it.
    private boolean dropSoft(List<CounterKey> unseeded) {
        var unknown = new HashSet<>(unseeded);
        var hard =
                charges.stream()
                        .filter(charge -> unknown.contains(charge.counter()))
                        .anyMatch(BudgetCharge::hard);
        if (!hard) {
            charges =
                    charges.stream().filter(charge -> !unknown.contains(charge.counter())).toList();
        }
        return !hard;
    }

    /// Continues on the context, unless the deadline was first.
    private void afterwards(CompletableFuture<Void> work, Consumer<@Nullable Throwable> next) {
        var _ =
                work.copy()
                        .orTimeout(SIDE_WORK_MILLIS_MAX, TimeUnit.MILLISECONDS)
                        .whenCompleteAsync(
                                (_, failure) -> {
                                    if (!done) {
                                        next.accept(failure);
                                    }
                                },
                                this::onContext);
    }

    private void complete(Command.HoldResult result) {
        done = true;
        promise.complete(result);
    }

    private void refuse(String reason) {
        if (!done) {
            done = true;
            promise.fail(new Refusal(new Problem.QuotaUnavailable(reason)));
        }
    }

    @Override
    public void expire() {
        onContext(() -> {
            if (!done) {
                if (sent != null) {
                    books.abandon(desk, request.id());
                }
                refuse("the book did not answer in time");
            }
        });
    }
}
