package dev.tollgate.budget;

import io.vertx.core.Future;
import java.time.Duration;

/// Moments of waiting that somebody else may cut short.
@FunctionalInterface
public interface Pauses {

    Pause begin(Duration atMost);

    /// One of them.
    interface Pause {

        /// Completes when it is over, on the context of who began it. Never fails.
        Future<?> over();

        /// Ends it now. From any thread, and of no effect when it is over.
        void end();
    }
}
