package dev.tollgate.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.property.Property;
import dev.tollgate.simulation.Scenario.Fault;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Nothing lost, nothing doubled, nothing admitted past a limit, and what fits is admitted: on
/// simulated nodes, with all that may befall them. [SimulationMain] runs thousands of seeds.
class SimulationTest {

    private static final long SEED = 5_000;
    private static final long SEEDS_MAX = 400;

    /// All but what the grid does not do: a command that comes again after its answer.
    private static final Set<Fault> FAULTS = EnumSet.complementOf(EnumSet.of(Fault.TWICE_LATE));

    @Property(tries = 5)
    void counts_everything_once_where_nothing_fails(long seed) {
        run(new Scenario(seed, Set.of()));
    }

    @Property(tries = 70)
    void admits_nothing_past_a_limit_and_counts_everything_once(long seed) {
        run(new Scenario(seed, FAULTS));
    }

    private static void run(Scenario scenario) {
        try {
            scenario.run();
        } catch (AssertionError failure) {
            throw new AssertionError(
                    failure.getMessage() + "\n" + scenario.simulation().story(400), failure);
        }
    }

    /// A simulation that finds nothing says nothing: without a rule it has to find what the rule is
    /// for. [SimulationMain] takes longer over the rules that are needed less often.
    @Test
    void finds_two_sides_where_strangers_do_not_wait() {
        var without = Set.of(Remedy.STRANGERS_WAIT);

        assertThat(
                        LongStream.range(SEED, SEED + SEEDS_MAX)
                                .anyMatch(seed -> fails(new Scenario(seed, FAULTS, without))))
                .isTrue();
    }

    private static boolean fails(Scenario scenario) {
        try {
            scenario.run();
            return false;
        } catch (AssertionError expected) {
            return true;
        }
    }
}
