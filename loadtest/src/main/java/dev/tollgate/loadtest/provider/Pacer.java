package dev.tollgate.loadtest.provider;

import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/// Waits on the event loop. Timers count in milliseconds, so shorter waits are saved up.
final class Pacer {

    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    private final Vertx vertx;
    private long owedNanos;

    Pacer(Vertx vertx) {
        this.vertx = vertx;
    }

    /// Runs `resume` later and says so, or lets the caller go on at once.
    boolean waits(long nanos, Runnable resume) {
        owedNanos += nanos;
        if (owedNanos < MILLISECOND) {
            return false;
        }
        var millis = owedNanos / MILLISECOND;
        owedNanos -= millis * MILLISECOND;
        vertx.setTimer(millis, _ -> resume.run());
        return true;
    }
}
