package dev.tollgate.admin.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Tells whether PostgreSQL answers now, by asking it something. Who asks while a question is open
/// waits for the same answer.
public final class DatabaseWatch {

    private static final Duration ANSWER_MAX = Duration.ofSeconds(1);

    private final Runnable question;

    // Guarded by this.
    private CompletableFuture<Void> asked = CompletableFuture.completedFuture(null);

    /// @param question blocks until PostgreSQL has answered, and throws when it does not
    public DatabaseWatch(Runnable question) {
        this.question = question;
    }

    /// Blocks, for at most a second.
    boolean answers() {
        try {
            ask().get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized CompletableFuture<Void> ask() {
        if (asked.isDone()) {
            asked = CompletableFuture.runAsync(question, Thread::startVirtualThread);
        }
        return asked;
    }
}
