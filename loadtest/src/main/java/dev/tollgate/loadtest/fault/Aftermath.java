package dev.tollgate.loadtest.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is done after a fault: waiting until nothing is under way, asking for what must be granted,
/// and judging the books.
final class Aftermath {

    private static final Duration QUIET_MAX = Duration.ofSeconds(45);
    private static final double USABLE_MIN = 0.98;
    private static final int CHECKS_PER_NODE = 10;
    private static final int ASKED_AT_ONCE = 8;
    private static final int TOLD_MAX = 12;

    private final Stage stage;
    private final Judge judge;

    Aftermath(Stage stage) {
        this.stage = stage;
        this.judge = new Judge(stage);
    }

    FaultResult of(Fault fault, long seed, Scene scene, Injection injection) {
        var unavailable = scene.probe().longestGapSeconds();
        // Nobody is there to take over from a node alone.
        fault.unavailableMax()
                .filter(_ -> stage.cluster().nodes().size() > 1)
                .ifPresent(most ->
                        scene.require(
                                unavailable <= most.toSeconds(),
                                "at most %d s without admission: %.1f"
                                        .formatted(most.toSeconds(), unavailable)));
        var rejects = 0L;
        var verdict = Optional.<Verdict>empty();
        try {
            quiet(scene);
            rejects = falseRejects(scene);
            quiet(scene);
            verdict = Optional.of(judge.judge(scene));
            require(scene, verdict.get(), rejects);
        } catch (RuntimeException failed) {
            scene.violations().add("the books can be read: " + failed);
        }
        return new FaultResult(
                fault.name(), seed, injection, verdict, rejects, unavailable, scene.violations());
    }

    private void quiet(Scene scene) {
        if (!stage.cluster().awaitQuiet(QUIET_MAX)) {
            scene.violations().add("nothing stays held or unbooked: " + stage.cluster().unrest());
        }
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
        scene.violations().addAll(verdict.others().stream().limit(TOLD_MAX).toList());
        if (verdict.others().size() > TOLD_MAX) {
            scene.violations().add("and " + (verdict.others().size() - TOLD_MAX) + " more");
        }
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
            other += Scene.count(calls, record -> !List.of(200, 429).contains(record.status()));
            if (Scene.count(calls, record -> record.status() == 429) == ASKED_AT_ONCE) {
                break;
            }
        }
        return other;
    }
}
