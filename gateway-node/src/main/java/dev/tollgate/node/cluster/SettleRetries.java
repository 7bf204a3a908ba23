package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Settlements that the grid did not take at once, tried again until it does, on a thread of its
/// own.
///
/// Bounded; what doesn't fit is settled from the journal at the next start.
final class SettleRetries {

    private static final Logger LOG = LoggerFactory.getLogger(SettleRetries.class);
    private static final int WAITING_MAX = 200_000;
    private static final int BATCH_MAX = 1000;
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final LinkedBlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>(WAITING_MAX);
    private final Attempt attempt;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile int trying;

    /// A settlement to be tried again.
    record Waiting(Desk desk, Command.Settle settle) {}

    /// Sends a settlement; the answer is whether it needs no further try.
    interface Attempt {
        CompletionStage<Boolean> send(Desk desk, Command.Settle settle);
    }

    SettleRetries(Attempt attempt) {
        this.attempt = attempt;
        this.thread = Thread.ofVirtual().name("tollgate-settle-retries").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void add(Desk desk, Command.Settle settle) {
        if (!waiting.offer(new Waiting(desk, settle))) {
            LOG.error("settlement {}: too many wait, left to the journal", settle.id());
        }
    }

    int size() {
        return waiting.size() + trying;
    }

    void stop() {
        stopping = true;
        thread.interrupt();
    }

    private void run() {
        var batch = new ArrayList<Waiting>();
        try {
            while (!stopping) {
                batch.add(waiting.take());
                waiting.drainTo(batch, BATCH_MAX - 1);
                trying = batch.size();
                var failed = send(batch);
                failed.forEach(again -> add(again.desk, again.settle));
                trying = 0;
                batch.clear();
                if (!failed.isEmpty()) {
                    Thread.sleep(PAUSE);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Waiting> send(List<Waiting> batch) throws InterruptedException {
        var answers =
                batch.stream()
                        .map(one -> attempt.send(one.desk, one.settle).toCompletableFuture())
                        .toList();
        var failed = new ArrayList<Waiting>();
        for (var i = 0; i < answers.size(); i++) {
            try {
                if (!answers.get(i).get(5, TimeUnit.SECONDS)) {
                    failed.add(batch.get(i));
                }
            } catch (java.util.concurrent.ExecutionException
                    | java.util.concurrent.TimeoutException _) {
                failed.add(batch.get(i));
            }
        }
        return failed;
    }
}
