package dev.tollgate.node.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's side of one organization's book.
final class Desk {

    private static final Logger LOG = LoggerFactory.getLogger(Desk.class);
    private static final Duration FAILURE_PAUSE = Duration.ofMillis(250);

    final String organization;
    final Acknowledgements acknowledgements = new Acknowledgements();
    final Seeding seeding;

    private final Opening opening;
    private final LongSupplier nanoTime;
    private volatile @Nullable Booker booker;

    // Guarded by this.
    private @Nullable CompletableFuture<Void> opened;
    private long failedNanos;

    Desk(String organization, Seeding seeding, Opening opening, LongSupplier nanoTime) {
        this.organization = organization;
        this.seeding = seeding;
        this.opening = opening;
        this.nanoTime = nanoTime;
    }

    /// Opens the book, unless it is open. Completes on a virtual thread; after a failure the next
    /// call tries again.
    synchronized CompletableFuture<Void> open() {
        if (opened == null || (opened.isCompletedExceptionally() && mayRetry())) {
            var attempt = new CompletableFuture<Void>();
            opened = attempt;
            Thread.ofVirtual().name("tollgate-opening-" + organization).start(() -> open(attempt));
        }
        return opened;
    }

    private boolean mayRetry() {
        return nanoTime.getAsLong() - failedNanos > FAILURE_PAUSE.toNanos();
    }

    private void open(CompletableFuture<Void> attempt) {
        try {
            booker = opening.open(organization);
            attempt.complete(null);
        } catch (RuntimeException e) {
            LOG.warn("book of {}: not opened", organization, e);
            synchronized (this) {
                failedNanos = nanoTime.getAsLong();
            }
            attempt.completeExceptionally(e);
        }
    }

    /// Absent until the book is open.
    @Nullable Booker booker() {
        return booker;
    }

    boolean fenced() {
        var present = booker;
        return present != null && present.fenced();
    }

    /// Something was settled.
    void wakeBooker() {
        var present = booker;
        if (present != null) {
            present.wake();
        }
    }
}
