package dev.tollgate.admin.http;

import dev.tollgate.admin.problem.AdminProblem.Busy;
import dev.tollgate.admin.problem.AdminRefusal;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Runs calls on a virtual thread each, a bounded number at a time; the others wait their turn, for
/// as long as they may.
public final class Gate {

    /// More than these in the house, running and waiting, and a call is refused at once.
    private static final int INSIDE_PER_TURN = 50;

    private final Executor threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore turns;
    private final Semaphore inside;
    private final Duration waitMax;

    public Gate(int concurrentMax, Duration waitMax) {
        this.turns = new Semaphore(concurrentMax, true);
        this.inside = new Semaphore(concurrentMax * INSIDE_PER_TURN);
        this.waitMax = waitMax;
    }

    /// Runs `task` on a thread of its own; never blocks and never throws.
    void start(Runnable task) {
        threads.execute(task);
    }

    /// Does `work` when it is its turn. Blocks.
    <T> T inTurn(Supplier<T> work) {
        if (!inside.tryAcquire()) {
            throw busy();
        }
        try {
            if (!turns.tryAcquire(waitMax.toMillis(), TimeUnit.MILLISECONDS)) {
                throw busy();
            }
            try {
                return work.get();
            } finally {
                turns.release();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw busy();
        } finally {
            inside.release();
        }
    }

    private AdminRefusal busy() {
        return new AdminRefusal(new Busy(Duration.ofSeconds(1)));
    }
}
