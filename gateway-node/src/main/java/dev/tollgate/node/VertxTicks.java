package dev.tollgate.node;

import dev.tollgate.budget.Ticks;
import io.vertx.core.Vertx;
import java.time.Duration;

/// Ticks by Vert.x timers, which run on the context they are set on.
record VertxTicks(Vertx vertx) implements Ticks {

    @Override
    public Ticking every(Duration period, Runnable task) {
        var timer = vertx.setPeriodic(period.toMillis(), _ -> task.run());
        return () -> vertx.cancelTimer(timer);
    }
}
