package dev.tollgate.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/// One fake clock, one source of randomness, and what is to happen, in order.
final class Simulation {

    private static final int LOG_LINES_MAX = 200_000;
    private static final long EVENTS_MAX = 3_000_000;

    /// Moments of a clock that begins long after 1970, in microseconds.
    private static final long START = 1_800_000_000_000_000L;

    final long seed;
    final Random random;
    private final Set<Remedy> without;
    final Database database;
    final Grid grid;
    final Truth truth;
    final List<Machine> machines = new ArrayList<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::micros).thenComparingLong(Event::number));
    private final ArrayDeque<String> log = new ArrayDeque<>();
    private long micros = START;
    private long numbered;

    /// How often messages take long, and calls are carried out twice, in a thousand.
    int slowPerMille;

    int twicePerMille;

    /// Whether that may be after the answer, which the grid does not do.
    boolean twiceLate;

    private record Event(long micros, long number, Runnable action) {}

    Simulation(long seed, Set<Remedy> without) {
        this.seed = seed;
        this.without = Set.copyOf(without);
        this.random = new Random(seed);
        this.database = new Database(this);
        this.grid = new Grid(this);
        this.truth = new Truth(this);
    }

    /// Whether a rule is kept to in this run.
    boolean keeps(Remedy remedy) {
        return !without.contains(remedy);
    }

    long micros() {
        return micros;
    }

    long nanos() {
        return micros * 1000;
    }

    /// Since the start.
    long elapsedMillis() {
        return (micros - START) / 1000;
    }

    long nowMillis() {
        return micros / 1000;
    }

    void later(long delayMicros, Runnable action) {
        events.add(new Event(micros + Math.max(0, delayMicros), numbered++, action));
    }

    void runUntil(long millis) {
        var until = START + millis * 1000;
        while (!events.isEmpty() && events.peek().micros <= until) {
            var event = events.poll();
            micros = event.micros;
            if (numbered > EVENTS_MAX) {
                throw new AssertionError("too much happens");
            }
            event.action.run();
        }
        micros = until;
    }

    // --- randomness ---

    UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    long between(long least, long most) {
        return least + random.nextLong(most - least + 1);
    }

    boolean chance(int perMille) {
        return random.nextInt(1000) < perMille;
    }

    <T> T oneOf(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    /// What a message takes from one machine to another.
    long hop() {
        return chance(slowPerMille) ? between(10_000, 2_500_000) : between(100, 2_000);
    }

    // --- the network ---

    boolean connected(Machine one, Machine other) {
        return one == other || one.side == other.side;
    }

    /// Does `action` at another node, unless the message is lost.
    void send(Node from, Node to, Runnable action) {
        from.channels
                .computeIfAbsent(to, _ -> new Channel(this, from, to))
                .send(from == to ? between(1, 20) : hop(), action);
    }

    List<Node> nodes() {
        var nodes = new ArrayList<Node>();
        for (var machine : machines) {
            if (machine.node != null && machine.node.alive) {
                nodes.add(machine.node);
            }
        }
        return nodes;
    }

    // --- what happened ---

    void log(String text) {
        log.add("%9.3f %s".formatted((micros - START) / 1_000_000.0, text));
        if (log.size() > LOG_LINES_MAX) {
            log.removeFirst();
        }
    }

    AssertionError failure(String text) {
        return new AssertionError(text);
    }

    String story(int lines) {
        var skipped = Math.max(0, log.size() - lines);
        return String.join("\n", log.stream().skip(skipped).toList());
    }
}
