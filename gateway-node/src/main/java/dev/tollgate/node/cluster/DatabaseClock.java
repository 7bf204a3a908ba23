package dev.tollgate.node.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// The cluster's time: PostgreSQL's clock, carried on by this node's monotonic clock.
///
/// Never goes back and never jumps: a difference found by [#refresh()] is made up by running at
/// most 5 % faster or slower. So nodes agree to within half a round trip to PostgreSQL, whatever
/// their own wall clocks say. [#nowMillis()] may be called by any thread.
public final class DatabaseClock {

    private static final long SLEW_DIVISOR = 20;

    /// A read that took longer says too little.
    private static final Duration ROUND_TRIP_MAX = Duration.ofMillis(500);

    /// Reads PostgreSQL's clock.
    @FunctionalInterface
    public interface Source {
        /// Microseconds since the epoch. Blocks.
        long readMicros();
    }

    private final LongSupplier nanoTime;
    private final Source source;
    private volatile Reading reading;

    /// Time was `micros` at `nanos`, with `behindMicros` still to make up.
    private record Reading(long nanos, long micros, long behindMicros) {}

    /// Reads the source once; blocks, and throws what the source throws.
    ///
    /// @param nanoTime this node's monotonic clock
    public DatabaseClock(LongSupplier nanoTime, Source source) {
        this.nanoTime = nanoTime;
        this.source = source;
        var before = nanoTime.getAsLong();
        var micros = source.readMicros();
        var after = nanoTime.getAsLong();
        this.reading = new Reading(after, micros + micros(after - before) / 2, 0);
    }

    public long nowMillis() {
        return microsAt(nanoTime.getAsLong()) / 1000;
    }

    /// Compares with the source and makes up the difference from now on. Blocks; when the source
    /// fails, or is slow, nothing changes.
    public void refresh() {
        var before = nanoTime.getAsLong();
        var micros = source.readMicros();
        var after = nanoTime.getAsLong();
        if (after - before > ROUND_TRIP_MAX.toNanos()) {
            return;
        }
        var now = microsAt(after);
        var measured = micros + micros(after - before) / 2;
        reading = new Reading(after, now, measured - now);
    }

    private long microsAt(long nanos) {
        var last = reading;
        var elapsed = micros(nanos - last.nanos);
        var slewed = Math.max(0, elapsed / SLEW_DIVISOR);
        return last.micros + elapsed + Math.clamp(last.behindMicros, -slewed, slewed);
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }
}
