package dev.tollgate.loadtest.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Plays one fault after another and has each judged.
final class Director {

    private static final Duration QUIET_MAX = Duration.ofSeconds(45);
    private static final Duration BEFORE = Duration.ofSeconds(2);
    private static final Duration AFTER = Duration.ofSeconds(2);
    private static final double USABLE_MIN = 0.98;
    private static final int CHECKS_PER_NODE = 10;
    private static final int ASKED_AT_ONCE = 8;

    private final Stage stage;
    private final Judge judge;
    private final Consumer<String> progress;
    private int played;

    Director(Stage stage, Consumer<String> progress) {
        this.stage = stage;
        this.judge = new Judge(stage);
        this.progress = progress;
    }

    /// All nodes at once on an empty database, and what became of it.
    FaultResult open(long seed) {
        progress.accept("first-start ...");
        var ended = stage.open();
        progress.accept("  all ready" + String.join("\n    ", ended));
        return new FaultResult(
                "first-start",
                seed,
                new Injection.Injected("all nodes at once on an empty database"),
                Optional.empty(),
                0,
                0,
                ended);
    }

    FaultResult play(Fault fault, long seed) {
        var unfit = unfit(fault);
        if (unfit.isPresent()) {
            return new FaultResult(
                    fault.name(), seed, unfit.get(), Optional.empty(), 0, 0, List.of());
        }
        progress.accept(fault.name() + ", seed " + seed + " ...");
        var scene = new Scene(stage, fault.name() + "-" + ++played, seed);
        scene.traffic().start(scene.random().split());
        scene.probe().start();
        Wait.pause(BEFORE);
        Injection injection;
        try {
            injection = fault.action().play(scene);
        } catch (RuntimeException failed) {
            injection = new Injection.NotRun("failed: " + failed);
        }
        scene.require(stage.revive(), "all nodes are ready again: " + stage.cluster().unrest());
        Wait.pause(AFTER);
        scene.traffic().stop();
        scene.probe().stop();
        var result = judged(fault, seed, scene, injection);
        progress.accept(
                "  "
                        + result.outcome()
                        + ": "
                        + injection.text()
                        + String.join(
                                "", result.violations().stream().map(v -> "\n    " + v).toList()));
        return result;
    }

    private Optional<Injection> unfit(Fault fault) {
        if (fault.nodesMin() > stage.cluster().nodes().size()) {
            return Optional.of(new Injection.NotApplicable("takes " + fault.nodesMin() + " nodes"));
        }
        if (fault.dropsPackets() && !stage.network().canDrop()) {
            return Optional.of(new Injection.NotRun(stage.network().whyNot()));
        }
        return Optional.empty();
    }

    private FaultResult judged(Fault fault, long seed, Scene scene, Injection injection) {
        if (injection instanceof Injection.NotApplicable) {
            return new FaultResult(
                    fault.name(), seed, injection, Optional.empty(), 0, 0, List.of());
        }
        var violations = scene.violations();
        var unavailable = scene.probe().longestGapSeconds();
        // Nobody is there to take over from a node alone.
        fault.unavailableMax()
                .filter(_ -> stage.cluster().nodes().size() > 1)
                .ifPresent(most ->
                        scene.require(
                                unavailable <= most.toSeconds(),
                                "at most %d s without admission: %.1f"
                                        .formatted(most.toSeconds(), unavailable)));
        try {
            quiet(scene);
            var rejects = falseRejects(scene);
            quiet(scene);
            var verdict = judge.judge(scene);
            require(scene, verdict, rejects);
            return new FaultResult(
                    fault.name(),
                    seed,
                    injection,
                    Optional.of(verdict),
                    rejects,
                    unavailable,
                    violations);
        } catch (RuntimeException failed) {
            violations.add("the books can be read: " + failed);
            return new FaultResult(
                    fault.name(), seed, injection, Optional.empty(), 0, unavailable, violations);
        }
    }

    private void quiet(Scene scene) {
        scene.require(
                stage.cluster().awaitQuiet(QUIET_MAX),
                "nothing stays held or unbooked: " + stage.cluster().unrest());
    }

    private static void require(Scene scene, Verdict verdict, long rejects) {
        scene.require(verdict.lost() == 0, "no acknowledged call is lost: " + verdict.lost());
        scene.require(verdict.doubled() == 0, "no call is booked twice: " + verdict.doubled());
        scene.require(
                verdict.overAdmitted() == 0,
                "nothing is admitted past a hard budget: " + verdict.overAdmitted());
        scene.require(rejects == 0, "nothing within its limits is refused: " + rejects);
        scene.require(
                scene.lostANode() || verdict.approximate() == 0,
                "where no node died, all is booked as the provider tells it: "
                        + verdict.approximate()
                        + " are not");
        scene.require(
                verdict.usableShare() >= USABLE_MIN,
                "98 %% of each limit is usable: %.1f %%".formatted(100 * verdict.usableShare()));
        scene.violations().addAll(verdict.others());
    }

    /// Asks each node for what it must grant: users far from any limit, and of each hard budget all
    /// that is left.
    private long falseRejects(Scene scene) {
        var calls = new ArrayList<Clients.Running>();
        for (var node : stage.cluster().nodes()) {
            for (int i = 0; i < CHECKS_PER_NODE; i++) {
                calls.add(scene.call(node.gateway(), node.name(), "u" + i, scene.name()));
            }
        }
        var refused = Scene.count(calls, record -> record.status() != 200);
        for (var budget : scene.budgets()) {
            if (Judge.isTotal(budget)) {
                refused += exhaust(scene, budget);
            }
        }
        return refused;
    }

    /// @return calls refused for another reason than that the budget is used up
    private long exhaust(Scene scene, HardBudget budget) {
        var nodes = stage.cluster().nodes();
        var other = 0L;
        for (long asked = 0; asked <= budget.requests(); asked += ASKED_AT_ONCE) {
            var calls = new ArrayList<Clients.Running>();
            for (int i = 0; i < ASKED_AT_ONCE; i++) {
                calls.add(scene.call(nodes.get(i % nodes.size()), budget));
            }
            other += Scene.count(calls, record -> record.status() != 200 && record.status() != 429);
            if (Scene.count(calls, record -> record.status() == 429) == ASKED_AT_ONCE) {
                break;
            }
        }
        return other;
    }
}
