package dev.tollgate.loadtest.fault;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Bounded waiting.
final class Wait {

    private static final Duration POLL = Duration.ofMillis(50);

    private Wait() {}

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// @return whether it became true in time
    static boolean until(Duration most, BooleanSupplier condition) {
        var end = System.nanoTime() + most.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            pause(POLL);
        }
        return true;
    }
}
