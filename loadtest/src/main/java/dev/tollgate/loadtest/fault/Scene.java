package dev.tollgate.loadtest.fault;

import dev.tollgate.loadtest.provider.Dialect;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/// One fault being played: the stage, its own budgets and traffic, and what went against a promise.
final class Scene {

    static final Duration CALL_MAX = Duration.ofSeconds(60);

    private final Stage stage;
    private final String name;
    private final SplittableRandom random;
    private final List<HardBudget> budgets = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private volatile boolean lostANode;
    private final Traffic traffic;
    private final Probe probe;

    /// @param name unlike that of any other scene of the run
    Scene(Stage stage, String name, long seed) {
        this.stage = stage;
        this.name = name;
        this.random = new SplittableRandom(seed ^ name.hashCode());
        for (var requests : List.of(25, 80, 250)) {
            budget(requests, "total");
        }
        this.traffic = new Traffic(stage, name, List.copyOf(budgets));
        this.probe = new Probe(stage, name + " probe");
    }

    /// Makes a budget that the run checks at its end.
    HardBudget budget(long requests, String period) {
        var budget = new HardBudget(name + "-" + period + requests, requests, period);
        stage.putBudget(budget.name(), budget.json());
        budgets.add(budget);
        return budget;
    }

    Stage stage() {
        return stage;
    }

    String name() {
        return name;
    }

    Cluster cluster() {
        return stage.cluster();
    }

    Network network() {
        return stage.network();
    }

    SplittableRandom random() {
        return random;
    }

    Traffic traffic() {
        return traffic;
    }

    Probe probe() {
        return probe;
    }

    List<HardBudget> budgets() {
        return budgets;
    }

    List<String> violations() {
        return violations;
    }

    /// SIGKILL.
    ///
    /// @return the exit code
    int kill(GatewayNode node) {
        lostANode = true;
        return node.isAlive() ? node.kill() : 0;
    }

    /// Whether a node died that may not have told all it knew.
    boolean lostANode() {
        return lostANode;
    }

    /// Notes what a promise says and was not so.
    void require(boolean held, String promise) {
        if (!held) {
            violations.add(promise);
        }
    }

    GatewayNode someNode() {
        return cluster().nodes().get(random.nextInt(cluster().nodes().size()));
    }

    /// The node that holds the lease, or one that does not.
    GatewayNode someNode(boolean holdingTheLease) {
        var fitting =
                cluster().nodes().stream()
                        .filter(node -> Lease.isHeldBy(node) == holdingTheLease)
                        .toList();
        return fitting.isEmpty() ? someNode() : fitting.get(random.nextInt(fitting.size()));
    }

    /// Begins slow streams of about ten seconds at one node.
    List<Clients.Running> streams(GatewayNode node, int count) {
        var streams = new ArrayList<Clients.Running>();
        for (int i = 0; i < count; i++) {
            streams.add(
                    stage.clients()
                            .send(
                                    new ClientCall(
                                            node.gateway(),
                                            node.name(),
                                            key(i),
                                            "streamer" + i % 20,
                                            i % 2 == 0 ? Dialect.OPENAI : Dialect.ANTHROPIC,
                                            true,
                                            name + " " + ClientCall.SLOWLY,
                                            CALL_MAX)));
        }
        return streams;
    }

    String key(int number) {
        return stage.keys().get(number % stage.keys().size());
    }

    /// A quick whole call.
    Clients.Running call(URI origin, String target, String endUser, String tag) {
        return stage.clients()
                .send(
                        new ClientCall(
                                origin,
                                target,
                                key(random.nextInt(stage.keys().size())),
                                endUser,
                                random.nextBoolean() ? Dialect.OPENAI : Dialect.ANTHROPIC,
                                false,
                                tag,
                                CALL_MAX));
    }

    /// Calls of a budget's user straight to a node.
    Clients.Running call(GatewayNode node, HardBudget budget) {
        return call(node.gateway(), node.name(), budget.endUser(), budget.name());
    }

    static boolean awaitLive(List<Clients.Running> streams, int count, Duration most) {
        return Wait.until(most, () -> live(streams) >= count);
    }

    static long live(List<Clients.Running> streams) {
        return streams.stream().filter(Clients.Running::isLive).count();
    }

    static long count(List<Clients.Running> calls, Predicate<CallRecord> what) {
        return calls.stream()
                .map(call -> call.await(CALL_MAX.plusSeconds(30)))
                .filter(what)
                .count();
    }

    static List<Clients.Running> both(List<Clients.Running> one, List<Clients.Running> other) {
        var all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }
}
