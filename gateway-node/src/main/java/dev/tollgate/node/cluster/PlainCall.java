package dev.tollgate.node.cluster;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Command;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.UUID;
import java.util.function.LongFunction;

/// A command whose answer is all that is wanted. Fails when there is none in time.
final class PlainCall implements BookCall, Deadlines.Call {

    private final LongFunction<Command> command;
    private final Context context;
    private final Promise<Command.Result> promise;

    PlainCall(LongFunction<Command> command, Context context) {
        this.command = command;
        this.context = context;
        this.promise = HazelcastBooks.promiseOn(context);
    }

    Future<Command.Result> future() {
        return promise.future();
    }

    @Override
    public Command command(long term, List<UUID> acknowledged) {
        return command.apply(term);
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
        return promise.future().isComplete();
    }

    @Override
    public void answered(Command.Result result, Answers by) {
        promise.tryComplete(result);
    }

    @Override
    public void expire() {
        context.runOnContext(_ ->
                promise.tryFail(
                        new Refusal(new Problem.QuotaUnavailable("the book did not answer"))));
    }
}
