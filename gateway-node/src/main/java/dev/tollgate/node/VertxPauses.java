package dev.tollgate.node;

import dev.tollgate.budget.Pauses;
import io.vertx.core.Future;
import io.vertx.core.Timer;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Pauses by Vert.x timers, which end on the context they are set on.
record VertxPauses(Vertx vertx) implements Pauses {

    @Override
    public Pause begin(Duration atMost) {
        return new Timed(vertx.timer(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS));
    }

    private record Timed(Timer timer) implements Pause {

        /// A timer that is cancelled fails.
        @Override
        public Future<?> over() {
            return timer.otherwiseEmpty();
        }

        @Override
        public void end() {
            timer.cancel();
        }
    }
}
