package dev.tollgate.node.cluster;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;

/// Ends calls that wait too long. All wait equally long, so that a queue is enough: a timer for
/// each call would cost more than the call.
final class Deadlines {

    private final ConcurrentLinkedQueue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final LongSupplier nanoTime;
    private final long limitNanos;

    /// A call with a limit.
    interface Call {
        boolean isDone();

        /// Called on the timer's thread, perhaps just after the call is done.
        void expire();
    }

    private record Entry(Call call, long deadline) {}

    Deadlines(LongSupplier nanoTime, Duration limit) {
        this.nanoTime = nanoTime;
        this.limitNanos = limit.toNanos();
    }

    void add(Call call) {
        entries.add(new Entry(call, nanoTime.getAsLong() + limitNanos));
    }

    /// Expires what is due. To be called a few times a second, by one thread.
    void check() {
        var now = nanoTime.getAsLong();
        for (var entry = entries.peek(); entry != null; entry = entries.peek()) {
            if (!entry.call.isDone()) {
                if (entry.deadline - now > 0) {
                    return;
                }
                entry.call.expire();
            }
            entries.remove();
        }
    }
}
