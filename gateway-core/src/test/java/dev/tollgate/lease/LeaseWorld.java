package dev.tollgate.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Nodes that keep the lease in one PostgreSQL, on one clock that is moved in steps: their networks
/// are cut, their processes stopped, killed and started, their questions and answers lost or late.
/// After each step it checks what has to hold whatever happens.
final class LeaseWorld {

    static final long MILLI = 1_000_000;
    private static final int NODES_MAX = 64;
    private static final long STEP = 5 * MILLI;
    private static final long PAUSE_NOTICED = LeaseKeeper.SILENCE_MAX.plusMillis(50).toNanos();
    private static final long ANSWER_MAX = 900 * MILLI;

    final LeaseTable table = new LeaseTable();
    final List<Node> nodes = new ArrayList<>();
    final Random random;
    private boolean[][] cuts = new boolean[NODES_MAX][NODES_MAX];
    private long now = 1_000_000_000_000L;
    private int joined;
    boolean postgresUp = true;

    /// One in so many messages to and from PostgreSQL is late, and one is lost; 0 for none.
    int disturbed;

    /// For how long grants go on without PostgreSQL.
    private final Duration vouches;

    LeaseWorld(Random random) {
        this(random, Leasing.VOUCHES_FOR);
    }

    LeaseWorld(Random random, Duration vouches) {
        this.random = random;
        this.vouches = vouches;
    }

    long now() {
        return now;
    }

    Node start() {
        var node = new Node(nodes.size());
        nodes.add(node);
        return node;
    }

    void cut(Node one, Node other) {
        cuts[one.number][other.number] = true;
        cuts[other.number][one.number] = true;
    }

    void heal() {
        cuts = new boolean[NODES_MAX][NODES_MAX];
        postgresUp = true;
        nodes.forEach(node -> node.reachesPostgres = true);
    }

    void run(Duration time) {
        for (var until = now + time.toNanos(); now < until; ) {
            now += STEP;
            nodes.forEach(Node::see);
            nodes.forEach(Node::act);
            nodes.forEach(this::check);
        }
    }

    List<Node> running() {
        return nodes.stream().filter(Node::runs).toList();
    }

    /// Whether all that run act, in one term.
    boolean allAct() {
        var terms = new HashSet<Long>();
        running().forEach(node -> terms.add(node.acting().map(Granted::term).orElse(-1L)));
        return terms.size() == 1 && !terms.contains(-1L);
    }

    /// Runs until all act; how long it took.
    Duration awaitAllAct(Duration most) {
        var began = now;
        while (!allAct()) {
            if (now - began > most.toNanos()) {
                throw new AssertionError("not all act after " + most + ": " + this);
            }
            run(Duration.ofMillis(5));
        }
        return Duration.ofNanos(now - began);
    }

    // --- what has to hold ---

    private void check(Node node) {
        var granted = node.acting().orElse(null);
        if (granted == null) {
            return;
        }
        demand(!node.left, node, "acts after it left");
        demand(node.view().seesAll(granted.members()), node, "acts and does not see all");
        demand(granted.members().contains(node.incarnation), node, "acts and is no member");
        demand(node.heardAt > node.wokeAt, node, "acts on what it knew before it stood still");
        if (granted.vouched()) {
            demand(node.viewChanges == node.viewChangesWhenHeard, node, "vouched, view changed");
            return;
        }
        for (var term : table.between(granted.term(), table.term())) {
            demand(
                    !term.excluded().contains(node.incarnation) || term.effectiveAt() > now,
                    node,
                    "acts in term " + granted.term() + " after one without it began");
        }
        for (var other : nodes) {
            other.acting().ifPresent(later -> checkBeside(node, granted, other, later));
        }
    }

    private void checkBeside(Node node, Granted granted, Node other, Granted later) {
        if (later.term() > granted.term()) {
            demand(
                    table.between(granted.term(), later.term()).stream()
                            .allMatch(LeaseTable.Term::gently),
                    node,
                    "acts in term %d beside %s in %d"
                            .formatted(granted.term(), other, later.term()));
        }
        if (later.term() == granted.term()) {
            demand(
                    later.members().equals(granted.members()),
                    node,
                    "another membership in the same term than " + other);
        }
    }

    private void demand(boolean holds, Node node, String fault) {
        if (!holds) {
            throw new AssertionError(node + " " + fault + "; " + this);
        }
    }

    @Override
    public String toString() {
        return "at %d ms: %s of %s, nodes %s"
                .formatted(now / MILLI, table.read(now), table.holder(), nodes);
    }

    private boolean hears(Node one, Node other) {
        return one.runs() && other.runs() && !cuts[one.number][other.number];
    }

    /// A question to PostgreSQL on its way, and back.
    private final class Question {
        private final @Nullable LeaseChange change;
        private final long sent;
        private final long deadline;
        private final long arrives;
        private final long returns;
        private boolean asked;
        private Optional<LeaseRow> answer = Optional.empty();

        Question(@Nullable LeaseChange change, Node node) {
            this.change = change;
            this.sent = node.clock();
            this.deadline = now + ANSWER_MAX;
            this.arrives = now + delay();
            this.returns = arrives + delay();
        }

        private long delay() {
            if (disturbed > 0) {
                switch (random.nextInt(disturbed)) {
                    case 0 -> {
                        return Long.MAX_VALUE / 4;
                    }
                    case 1 -> {
                        return random.nextLong(2_000) * MILLI;
                    }
                    default -> {}
                }
            }
            return random.nextLong(20) * MILLI;
        }

        void ask(Node node) {
            if (!asked && now >= arrives && postgresUp && node.reachesPostgres) {
                asked = true;
                answer = change == null ? Optional.of(table.read(now)) : table.write(change, now);
            }
        }
    }

    /// A node: its clock, its member of the grid, and the loop that keeps the lease.
    final class Node {

        final int number;
        final UUID incarnation;
        boolean reachesPostgres = true;
        private final long clockOffset = random.nextLong(1L << 50);
        private final double clockRate = 1 + (random.nextDouble() - 0.5) * 0.001;
        private final List<Node> seen = new ArrayList<>();
        private final long[] missedSince = new long[NODES_MAX];
        private final long[] metSince = new long[NODES_MAX];
        private final long[] patience = new long[NODES_MAX];
        private final LeaseKeeper keeper;
        private int order = joined++;
        private boolean killed;
        private boolean left;
        private boolean leaving;
        private boolean paused;
        private long pausedAt;
        private long wokeAt = Long.MIN_VALUE / 4;
        private long heardAt = Long.MIN_VALUE / 4;
        private int viewChanges;
        private int viewChangesWhenHeard;
        private @Nullable Question question;
        private long sleepsUntil;
        private boolean woken;

        Node(int number) {
            this.number = number;
            this.incarnation = new UUID(number + 1, 0);
            seen.add(this);
            this.keeper = new LeaseKeeper(view(), false, vouches, clock());
        }

        boolean runs() {
            return !killed && !paused && !left;
        }

        boolean isThere() {
            return !killed && !left;
        }

        Optional<Granted> acting() {
            return runs()
                    ? keeper.granted().filter(granted -> granted.isValidAt(clock()))
                    : Optional.empty();
        }

        long clock() {
            return clockOffset + (long) (now * clockRate);
        }

        View view() {
            return new View(
                    incarnation,
                    seen.stream()
                            .sorted(Comparator.comparingInt(node -> node.order))
                            .map(node -> node.incarnation)
                            .toList());
        }

        void kill() {
            killed = true;
        }

        void pause() {
            pausedAt = paused ? pausedAt : now;
            paused = true;
        }

        void wake() {
            if (paused && now - pausedAt > PAUSE_NOTICED) {
                wokeAt = now;
            }
            paused = false;
        }

        void leave() {
            keeper.onLeave();
            leaving = true;
            woken = true;
        }

        void outdated(long term) {
            keeper.onTerm(term);
            woken = true;
        }

        // --- the grid: members that are not heard of are dropped, those that are found joined ---

        void see() {
            if (!runs()) {
                return;
            }
            for (var other : nodes) {
                if (other != this) {
                    see(other);
                }
            }
        }

        private void see(Node other) {
            var reached = hears(this, other) && hears(other, this);
            var known = seen.contains(other);
            // Who was dropped by another learns of it.
            var wanted = reached && (!known || other.seen.contains(this) || isYoung(other));
            if (known == wanted) {
                missedSince[other.number] = now;
                patience[other.number] = 0;
                return;
            }
            if (patience[other.number] == 0) {
                patience[other.number] = known ? detection(other) : finding();
            }
            if (now - missedSince[other.number] > patience[other.number]) {
                if (known) {
                    seen.remove(other);
                } else {
                    seen.add(other);
                    metSince[other.number] = now;
                    if (seen.size() < other.seen.size()) {
                        order = joined++;
                    }
                }
                missedSince[other.number] = now;
                patience[other.number] = 0;
                viewChanges++;
                keeper.onView(view(), clock());
                woken = true;
            }
        }

        /// It has not had the time to find this node in turn.
        private boolean isYoung(Node other) {
            return now - metSince[other.number] < 2_000 * MILLI;
        }

        /// A dead process closes its connections; one that is silent is waited for.
        private long detection(Node other) {
            return (other.isThere() ? 5_000 + random.nextLong(1_000) : 50 + random.nextLong(850))
                    * MILLI;
        }

        private long finding() {
            return (1 + random.nextLong(2_000)) * MILLI;
        }

        // --- the loop of the lease, as the node runs it ---

        void act() {
            var asks = question;
            if (asks != null) {
                asks.ask(this);
            }
            if (!runs()) {
                return;
            }
            if (asks != null) {
                hear(asks);
            } else if (woken || now >= sleepsUntil) {
                woken = false;
                question = new Question(null, this);
            }
        }

        private void hear(Question asks) {
            if (asks.asked && now >= asks.returns && !cutOff()) {
                question = null;
                heard(asks, asks.answer);
            } else if (now >= asks.deadline) {
                question = null;
                // What is on its way may still arrive.
                late.add(asks);
                keeper.onUnavailable(clock());
                sleep(Duration.ofMillis(500));
            }
            late.forEach(one -> one.ask(this));
            late.removeIf(one -> one.asked);
        }

        private final List<Question> late = new ArrayList<>();

        private boolean cutOff() {
            return !postgresUp || !reachesPostgres;
        }

        private void heard(Question asks, Optional<LeaseRow> answer) {
            if (answer.isEmpty()) {
                keeper.onOutrun();
                sleep(Duration.ofMillis(20));
                return;
            }
            heardAt = now;
            viewChangesWhenHeard = viewChanges;
            var move = keeper.onRow(answer.get(), asks.sent, clock());
            if (keeper.hasLeft()) {
                left = true;
            }
            switch (move) {
                case LeaseMove.Write(var change) when asks.change == null ->
                        question = new Question(change, this);
                case LeaseMove.Write _ -> sleep(Leasing.PERIOD);
                case LeaseMove.Wait(var time) -> sleep(time);
            }
        }

        private void sleep(Duration time) {
            sleepsUntil = now + time.toNanos();
        }

        @Override
        public String toString() {
            return "node %d (%s%s%s%s sees %s, %s)"
                    .formatted(
                            number + 1,
                            killed ? "killed " : "",
                            paused ? "paused " : "",
                            left ? "left " : "",
                            leaving ? "leaving " : "",
                            seen.stream().map(node -> node.number + 1).toList(),
                            keeper.granted()
                                    .map(it -> "term " + it.term() + (it.vouched() ? "v" : ""))
                                    .orElse("-"));
        }
    }

    List<Node> startAll(int count) {
        return IntStream.range(0, count).mapToObj(_ -> start()).toList();
    }
}
