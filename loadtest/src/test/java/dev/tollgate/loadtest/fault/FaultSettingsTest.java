package dev.tollgate.loadtest.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class FaultSettingsTest {

    @Test
    void runs_the_short_set_once_on_three_nodes_unless_told_otherwise() {
        var settings = FaultSettings.parse();

        assertThat(settings.nodes()).isEqualTo(3);
        assertThat(settings.seeds()).containsExactly(1L);
        assertThat(settings.faults()).hasSameSizeAs(ShortSet.faults());
        assertThat(settings.nodeCommand()).contains("-jar", "-Xmx512m");
    }

    @Test
    void reads_lists_and_ranges_of_seeds() {
        assertThat(FaultSettings.parse("--seed", "7,10-12").seeds())
                .containsExactly(7L, 10L, 11L, 12L);
    }

    @Test
    void chooses_faults_by_name() {
        var settings =
                FaultSettings.parse("--set", "long", "--fault", "kill,one-way", "--nodes", "1");

        assertThat(settings.faults()).extracting(Fault::name).containsExactly("kill", "one-way");
    }

    @Test
    void takes_a_class_path_in_place_of_the_jar() {
        assertThat(FaultSettings.parse("--class-path", "a:b").nodeCommand())
                .containsSequence("-cp", "a:b", "dev.tollgate.node.Main")
                .doesNotContain("-jar");
    }

    @Test
    void refuses_what_it_does_not_know() {
        assertThatThrownBy(() -> FaultSettings.parse("--sett", "short"))
                .hasMessageContaining("--sett");
        assertThatThrownBy(() -> FaultSettings.parse("--set", "tiny")).hasMessageContaining("tiny");
        assertThatThrownBy(() -> FaultSettings.parse("--fault", "flood").faults())
                .hasMessageContaining("flood");
    }

    @Test
    void every_fault_has_a_name_of_its_own() {
        var names = LongSet.faults().stream().map(Fault::name).toList();

        assertThat(new HashSet<>(names)).hasSameSizeAs(names);
    }
}
