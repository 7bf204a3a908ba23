package dev.tollgate.loadtest.fault;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// Plays one fault after another on the same stage.
final class Director {

    private static final Duration BEFORE = Duration.ofSeconds(2);
    private static final Duration AFTER = Duration.ofSeconds(2);
    private static final Duration WARM_MAX = Duration.ofSeconds(20);
    private static final long WARM_PROBES = 20;
    private static final double NANOS = 1e9;

    private final Stage stage;
    private final Aftermath aftermath;
    private final Consumer<String> progress;
    private int played;
    private String wrecked = "";

    Director(Stage stage, Consumer<String> progress) {
        this.stage = stage;
        this.aftermath = new Aftermath(stage);
        this.progress = progress;
    }

    /// All nodes at once on an empty database, and what became of it.
    FaultResult open(long seed) {
        return timed(
                "first-start",
                () -> {
                    var ended = stage.open();
                    return new FaultResult(
                            "first-start",
                            seed,
                            new Injection.Injected("all nodes at once on an empty database"),
                            Optional.empty(),
                            0,
                            0,
                            ended);
                });
    }

    FaultResult play(Fault fault, long seed) {
        return timed(
                fault.name() + ", seed " + seed,
                () ->
                        unfit(fault)
                                .map(unfit -> FaultResult.unplayed(fault, seed, unfit))
                                .orElseGet(() -> perform(fault, seed)));
    }

    /// A result in the making.
    private interface Play {
        FaultResult result();
    }

    private FaultResult timed(String what, Play play) {
        var began = System.nanoTime();
        progress.accept(what + " ...");
        var result = play.result();
        progress.accept(
                "  %s in %.0f s: %s"
                        .formatted(
                                result.outcome(),
                                (System.nanoTime() - began) / NANOS,
                                result.injection().text()));
        result.violations().forEach(violation -> progress.accept("    " + violation));
        return result;
    }

    private FaultResult perform(Fault fault, long seed) {
        var scene = new Scene(stage, fault.name() + "-" + ++played, seed);
        scene.traffic().start(scene.random().split());
        scene.probe().start();
        Wait.pause(BEFORE);
        // What is slow before the fault is not its doing.
        scene.require(
                Wait.until(WARM_MAX, () -> scene.probe().admitted() >= WARM_PROBES),
                "all is well before the fault: " + scene.probe().admitted() + " probes answered");
        var injection = injected(fault, scene);
        revive(fault, scene);
        Wait.pause(AFTER);
        scene.traffic().stop();
        scene.probe().stop();
        return aftermath.of(fault, seed, scene, injection);
    }

    private static Injection injected(Fault fault, Scene scene) {
        try {
            return fault.action().play(scene);
        } catch (RuntimeException failed) {
            return new Injection.NotRun("failed: " + failed);
        }
    }

    /// A fault that leaves a cluster that a restart of all nodes does not mend ends the run.
    private void revive(Fault fault, Scene scene) {
        try {
            if (stage.revive()) {
                return;
            }
            scene.violations().add("all nodes are ready again: " + stage.cluster().unrest());
            scene.cluster().nodes().forEach(scene::kill);
            if (!stage.revive()) {
                wrecked = fault.name();
            }
        } catch (RuntimeException failed) {
            scene.violations().add("the stage can be set up again: " + failed);
            wrecked = fault.name();
        }
    }

    private Optional<Injection> unfit(Fault fault) {
        if (fault.impossible().isPresent()) {
            return fault.impossible().map(Injection.NotApplicable::new);
        }
        if (!wrecked.isEmpty()) {
            return Optional.of(new Injection.NotRun("nothing runs any more since " + wrecked));
        }
        if (fault.nodesMin() > stage.cluster().nodes().size()) {
            return Optional.of(new Injection.NotApplicable("takes " + fault.nodesMin() + " nodes"));
        }
        if (fault.dropsPackets() && !stage.network().canDrop()) {
            return Optional.of(new Injection.NotRun(stage.network().whyNot()));
        }
        return Optional.empty();
    }
}
