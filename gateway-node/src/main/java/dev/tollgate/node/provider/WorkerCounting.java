package dev.tollgate.node.provider;

import dev.tollgate.problem.Problem.QuotaUnavailable;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Counting;
import dev.tollgate.tokens.TokenCounter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Counts tokens on threads of its own and completes on the caller's context.
///
/// What waits is bounded in number: a request past it is refused for now, which hard budgets take
/// as a state they cannot verify.
public final class WorkerCounting implements Counting, AutoCloseable {

    private static final long IDLE_SECONDS = 60;

    private final Vertx vertx;
    private final TokenCounter counter;
    private final ThreadPoolExecutor workers;

    /// @param waitingMax texts that may wait for a thread
    public WorkerCounting(Vertx vertx, TokenCounter counter, int threads, int waitingMax) {
        this.vertx = vertx;
        this.counter = counter;
        this.workers =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(waitingMax),
                        Thread.ofPlatform().daemon().name("tollgate-counting-", 0).factory());
        workers.allowCoreThreadTimeOut(true);
        workers.execute(counter::preload);
    }

    @Override
    public Future<Long> count(String encoding, byte[] utf8) {
        Promise<Long> counted =
                vertx.getOrCreateContext() instanceof ContextInternal context
                        ? context.promise()
                        : Promise.promise();
        try {
            workers.execute(() -> count(encoding, utf8, counted));
        } catch (RejectedExecutionException _) {
            return Refusal.of(new QuotaUnavailable("too many texts wait to be counted"));
        }
        return counted.future();
    }

    @Override
    public long countNow(String encoding, String text) {
        return counter.count(encoding, text);
    }

    private void count(String encoding, byte[] utf8, Promise<Long> counted) {
        try {
            counted.complete(counter.count(encoding, utf8));
        } catch (RuntimeException | StackOverflowError failure) {
            counted.fail(failure);
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
