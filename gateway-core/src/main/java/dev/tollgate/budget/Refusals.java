package dev.tollgate.budget;

import dev.tollgate.budget.Command.Exhausted;
import dev.tollgate.problem.Problem;
import java.time.Duration;
import java.time.Instant;

/// What a book's refusals are to the caller.
final class Refusals {

    static final Duration SOON = Duration.ofSeconds(1);

    /// A window that ends within this may be waited for.
    static final long RESET_SECONDS_MAX = 60;

    private Refusals() {}

    static Problem of(Exhausted exhausted, long nowMillis) {
        var standing = exhausted.standing();
        return new Problem.BudgetExhausted(
                standing.budget(),
                standing.counter().subject(),
                exhausted.measure().label(),
                exhausted.ceiling(),
                standing.posted().of(exhausted.measure()),
                standing.held().of(exhausted.measure()),
                exhausted.asked(),
                Instant.ofEpochSecond(Math.min(standing.windowEnd(), Instant.MAX.getEpochSecond())),
                exhausted.action(),
                retryAfter(exhausted, nowMillis));
    }

    private static Duration retryAfter(Exhausted exhausted, long nowMillis) {
        // A request in flight stays counted, unless it never reaches its provider: not worth a
        // retry.
        if (exhausted.freeable() && exhausted.measure() != Measure.REQUESTS) {
            return SOON;
        }
        var seconds = exhausted.standing().windowEnd() - Math.floorDiv(nowMillis, 1000L);
        return seconds <= RESET_SECONDS_MAX && exhausted.asked() <= exhausted.ceiling()
                ? Duration.ofSeconds(Math.max(1, seconds))
                : Duration.ZERO;
    }

    static Problem of(Command.RateLimited limited) {
        var rate = limited.rate();
        return new Problem.RateLimited(
                limited.budget(),
                limited.counter().subject(),
                rate.measure().label(),
                rate.perMinute(),
                rate.burst(),
                limited.asked(),
                limited.throttled() ? "throttle" : "rate",
                Duration.ofMillis(Math.max(0, limited.waitMillis())));
    }

    static Problem of(Command.Crowded crowded) {
        return new Problem.TooManyConcurrent(
                crowded.budget(), crowded.subject(), crowded.concurrentMax(), SOON);
    }
}
