package dev.tollgate.simulation;

import java.util.EnumSet;
import java.util.Set;

/// Runs many seeds: the first, how many, and the faults, by default all but those that the grid
/// rules out. A single one is told in full.
final class SimulationMain {

    private SimulationMain() {}

    public static void main(String[] arguments) {
        var first = Long.parseLong(arguments[0]);
        var count = Long.parseLong(arguments[1]);
        Set<Scenario.Fault> faults = EnumSet.complementOf(EnumSet.of(Scenario.Fault.TWICE_LATE));
        if (arguments.length > 2) {
            faults = EnumSet.noneOf(Scenario.Fault.class);
            for (var name : arguments[2].split(",", -1)) {
                if (!name.isEmpty()) {
                    faults.add(Scenario.Fault.valueOf(name));
                }
            }
        }
        var without = Remedy.fromProperty();
        var failed = 0;
        var admitted = 0L;
        var exhausted = 0L;
        var unavailable = 0L;
        var falsely = 0L;
        var slack = 0L;
        var began = System.nanoTime();
        for (var seed = first; seed < first + count; seed++) {
            var scenario = new Scenario(seed, faults, without);
            try {
                scenario.run();
            } catch (AssertionError | RuntimeException failure) {
                failed++;
                System.out.println("seed " + seed + ": " + failure);
                if (count == 1) {
                    failure.printStackTrace(System.out);
                }
            }
            if (count == 1) {
                System.out.println(scenario.simulation().story(100_000));
            }
            var truth = scenario.simulation().truth;
            admitted += truth.admitted;
            exhausted += truth.exhausted;
            unavailable += truth.unavailable;
            falsely += truth.falselyCharged;
            slack += truth.slack;
        }
        System.out.printf(
                "%d of %d failed; %d admitted, %d exhausted, %d unavailable, %d charged and never"
                        + " admitted, %d lost with all copies; %d ms%n",
                failed,
                count,
                admitted,
                exhausted,
                unavailable,
                falsely,
                slack,
                (System.nanoTime() - began) / 1_000_000);
    }
}
