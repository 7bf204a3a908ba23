package dev.tollgate.budget;

import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Requests of a node that wait, briefly, until a budget has room for them.
///
/// Those that wait for one budget's subject stand in one line, in the order in which they came; who
/// comes later stands behind. Only the first asks again: when something of the budget is settled on
/// this node, and else about every [#LOOK_MILLIS], for other nodes settle too. At the end of its
/// time a request asks once more, wherever it stands, and takes the answer.
///
/// Any thread. What a request does it does on its own context, and never within the lock.
public final class HoldQueue {

    private static final int LOOK_MILLIS = 50;
    private static final int LOOK_JITTER_MILLIS = 20;

    private final Settings settings;
    private final Pauses pauses;
    private final LongSupplier nowMillis;
    private final RandomGenerator random;
    private final Map<Line, Standing> lines = new HashMap<>();

    /// Written within the lock.
    private volatile int waiting;

    /// How long and how many.
    ///
    /// @param concurrencyMax the longest wait for another request to end
    /// @param rateMax the longest wait for a rate
    /// @param requestsMax that wait at the same time
    public record Settings(Duration concurrencyMax, Duration rateMax, int requestsMax) {

        public static final Settings DEFAULT =
                new Settings(Duration.ofSeconds(2), Duration.ofSeconds(2), 1_000);

        private long longestMillis() {
            return Math.max(concurrencyMax.toMillis(), rateMax.toMillis());
        }
    }

    /// @param nowMillis does not go back
    /// @param random spreads out those who look again
    public HoldQueue(
            Settings settings, Pauses pauses, LongSupplier nowMillis, RandomGenerator random) {
        this.settings = settings;
        this.pauses = pauses;
        this.nowMillis = nowMillis;
        this.random = random;
    }

    /// What requests wait for: a budget's subject.
    record Line(UUID budgetId, String subject) {

        static Line of(BudgetCharge charge) {
            return new Line(charge.counter().budgetId(), charge.counter().subject());
        }
    }

    /// What asking came to.
    sealed interface Attempt<T> {}

    record Admitted<T>(T value) implements Attempt<T> {}

    /// Perhaps later.
    ///
    /// @param waitMillis when it will fit, if nothing else comes; 0 when nobody knows
    /// @param problem if it does not
    /// @param again asks anew
    record Later<T>(Line line, long waitMillis, Problem problem, Supplier<Future<Attempt<T>>> again)
            implements Attempt<T> {}

    /// Requests waiting now.
    public int waiting() {
        return waiting;
    }

    /// Asks, and asks again as long as the answer is [Later] and there is time.
    ///
    /// @param charges whose lines must be empty, or the request stands behind those in one of them
    /// @param left completes when the caller has gone
    <T> Future<T> admit(
            List<BudgetCharge> charges, Future<Void> left, Supplier<Future<Attempt<T>>> ask) {
        if (waiting == 0) {
            return ask.get()
                    .compose(attempt ->
                            attempt instanceof Admitted<T>(var value)
                                    ? Future.succeededFuture(value)
                                    : answered(new Place<>(left, ask), attempt));
        }
        var place = new Place<T>(left, ask);
        return standBehind(place, charges) ? pause(place, 0).compose(_ -> goOn(place)) : ask(place);
    }

    /// Something of these budgets was settled here.
    void freed(List<BudgetCharge> charges) {
        if (waiting == 0) {
            return;
        }
        for (var charge : charges) {
            first(Line.of(charge)).ifPresent(HoldQueue::wake);
        }
    }

    // --- one request's wait ---

    private <T> Future<T> ask(Place<T> place) {
        return Future.succeededFuture(place.ask)
                .compose(Supplier::get)
                .onFailure(_ -> leave(place))
                .compose(attempt -> answered(place, attempt));
    }

    private <T> Future<T> answered(Place<T> place, Attempt<T> attempt) {
        return switch (attempt) {
            case Admitted<T>(var value) -> {
                leave(place);
                yield Future.succeededFuture(value);
            }
            case Later<T> later -> stand(place, later);
        };
    }

    private <T> Future<T> stand(Place<T> place, Later<T> later) {
        place.ask = later.again();
        place.until =
                place.beganMillis
                        + (later.waitMillis() > 0 ? settings.rateMax : settings.concurrencyMax)
                                .toMillis();
        var now = nowMillis.getAsLong();
        if (now + later.waitMillis() >= place.until || place.left.isComplete()) {
            leave(place);
            return Refusal.of(later.problem());
        }
        if (!isIn(place, later.line())) {
            leave(place);
        }
        if (!standIn(place, later)) {
            return Refusal.of(later.problem());
        }
        return pause(place, later.waitMillis()).compose(_ -> goOn(place));
    }

    private <T> Future<T> goOn(Place<T> place) {
        place.awake();
        if (place.left.isComplete()) {
            var problem = problem(place);
            leave(place);
            return Refusal.of(problem);
        }
        return isFirst(place) || nowMillis.getAsLong() >= place.until
                ? ask(place)
                : pause(place, 0).compose(_ -> goOn(place));
    }

    /// Until it is worth looking again.
    ///
    /// @param waitMillis 0 when nobody knows
    private Future<?> pause(Place<?> place, long waitMillis) {
        var look = LOOK_MILLIS - LOOK_JITTER_MILLIS / 2 + random.nextInt(LOOK_JITTER_MILLIS + 1);
        var left = place.until - nowMillis.getAsLong();
        var millis = Math.clamp(waitMillis > 0 ? waitMillis : look, 1, Math.max(1, left));
        var pause = pauses.begin(Duration.ofMillis(millis));
        if (!place.pauses(pause)) {
            pause.end();
        }
        return pause.over();
    }

    // --- the lines ---

    private synchronized boolean standBehind(Place<?> place, List<BudgetCharge> charges) {
        if (waiting >= settings.requestsMax) {
            return false;
        }
        for (var charge : charges) {
            var standing = lines.get(Line.of(charge));
            if (standing != null) {
                place.until = place.beganMillis + settings.longestMillis();
                join(place, standing);
                return true;
            }
        }
        return false;
    }

    private synchronized boolean isIn(Place<?> place, Line line) {
        return place.standing != null && place.standing.line.equals(line);
    }

    /// False when there is no room.
    private synchronized boolean standIn(Place<?> place, Later<?> later) {
        var standing = place.standing;
        if (standing == null) {
            if (waiting >= settings.requestsMax) {
                return false;
            }
            standing = lines.computeIfAbsent(later.line(), line -> new Standing(line, later));
            join(place, standing);
        }
        standing.problem = later.problem();
        return true;
    }

    private synchronized void join(Place<?> place, Standing standing) {
        standing.places.addLast(place);
        place.standing = standing;
        waiting++;
    }

    private void leave(Place<?> place) {
        leaveLine(place).ifPresent(HoldQueue::wake);
    }

    /// The one that is first now, if that has changed.
    private synchronized Optional<Place<?>> leaveLine(Place<?> place) {
        var standing = place.standing;
        if (standing == null) {
            return Optional.empty();
        }
        var wasFirst = standing.places.peekFirst() == place;
        standing.places.remove(place);
        place.standing = null;
        waiting--;
        if (standing.places.isEmpty()) {
            lines.remove(standing.line);
        }
        return wasFirst ? Optional.ofNullable(standing.places.peekFirst()) : Optional.empty();
    }

    private synchronized Optional<Place<?>> first(Line line) {
        var standing = lines.get(line);
        return standing == null ? Optional.empty() : Optional.of(standing.places.getFirst());
    }

    private synchronized boolean isFirst(Place<?> place) {
        return place.standing != null && place.standing.places.peekFirst() == place;
    }

    /// Why the first of the line waits.
    private synchronized Problem problem(Place<?> place) {
        return Objects.requireNonNull(place.standing).problem;
    }

    private static void wake(Place<?> place) {
        place.wake().ifPresent(Pauses.Pause::end);
    }

    /// A line and those who stand in it; never empty.
    private static final class Standing {
        final Line line;
        final ArrayDeque<Place<?>> places = new ArrayDeque<>();
        Problem problem;

        Standing(Line line, Later<?> first) {
            this.line = line;
            this.problem = first.problem();
        }
    }

    /// One request that may have to wait. Its time and its question belong to its own context, its
    /// standing to the queue's lock, its pause to its own.
    private final class Place<T> {
        final Future<Void> left;
        final long beganMillis;
        Supplier<Future<Attempt<T>>> ask;
        long until;
        @Nullable Standing standing;

        private Pauses.@Nullable Pause pause;
        private boolean woken;

        Place(Future<Void> left, Supplier<Future<Attempt<T>>> ask) {
            this.left = left;
            this.ask = ask;
            this.beganMillis = nowMillis.getAsLong();
            left.onComplete(_ -> HoldQueue.wake(this));
        }

        /// False when it was woken before it began.
        synchronized boolean pauses(Pauses.Pause begun) {
            var awake = woken;
            woken = false;
            pause = awake ? null : begun;
            return !awake;
        }

        synchronized void awake() {
            pause = null;
        }

        /// The pause to end.
        synchronized Optional<Pauses.Pause> wake() {
            var current = pause;
            pause = null;
            woken = current == null;
            return Optional.ofNullable(current);
        }
    }
}
