package dev.tollgate.budget;

import java.time.Duration;

/// Something to be done again and again, on the context of who asks for it.
@FunctionalInterface
public interface Ticks {

    /// Runs `task` every `period`, for the first time after one, until cancelled.
    Ticking every(Duration period, Runnable task);

    /// What goes on until it is cancelled. Cancelling twice does no harm.
    @FunctionalInterface
    interface Ticking {
        void cancel();
    }
}
