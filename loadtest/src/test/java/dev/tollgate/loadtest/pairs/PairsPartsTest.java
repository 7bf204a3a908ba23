package dev.tollgate.loadtest.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.loadtest.pairs.Setting.Layout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairsPartsTest {

    private static final Setting ALONE_TWO = new Setting(Layout.ALONE, 100, 2);
    private static final Setting ALONE_SIX = new Setting(Layout.ALONE, 100, 6);
    private static final Setting THREE_TWO = new Setting(Layout.THREE, 100, 2);

    @Test
    void measures_all_settings_unless_told_otherwise() {
        var settings = PairsSettings.parse();

        assertThat(settings.settings()).isEqualTo(Setting.ALL);
        assertThat(settings.warmUp()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.measured()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void reads_arguments() {
        var settings =
                PairsSettings.parse(
                        "--jar",
                        "x.jar",
                        "--classes",
                        "y",
                        "--jvm-flags",
                        "-Xa  -Xb",
                        "--in-flight",
                        "7",
                        "--warm-up",
                        "1",
                        "--seconds",
                        "2",
                        "--layouts",
                        "three",
                        "--out",
                        "z.json");

        assertThat(settings.settings())
                .isNotEmpty()
                .allMatch(setting -> setting.layout() == Layout.THREE);
        assertThat(settings.out()).isEqualTo(Path.of("z.json"));
        assertThat(settings.nodeCommand(THREE_TWO, List.of("--journal", "j")))
                .containsSequence("-Xa", "-Xb", "-classpath", "y:x.jar")
                .containsSequence("--organizations", "100", "--budgets", "2", "--in-flight", "7")
                .endsWith("--warm-up", "1", "--seconds", "2", "--journal", "j");
    }

    @Test
    void refuses_arguments_it_does_not_know() {
        assertThatThrownBy(() -> PairsSettings.parse("--wrong", "1"))
                .hasMessage("argument: --wrong");
        assertThatThrownBy(() -> PairsSettings.parse("--out")).hasMessage("--out: no value");
        assertThatThrownBy(() -> PairsSettings.parse("--in-flight", "0"))
                .hasMessageContaining("in-flight: 0");
    }

    @Test
    void a_node_is_told_its_own_address_first() {
        assertThat(Pairs.ownFirst(List.of("a", "b", "c"), 1)).isEqualTo("b,a,c");
    }

    @Test
    void adds_up_what_the_nodes_did() {
        var sample =
                PairsSample.of(
                        THREE_TWO,
                        List.of(
                                new NodeCount(100, 0, 3_000, 2.0),
                                new NodeCount(300, 1, 5_000, 3.0)),
                        true);

        assertThat(sample.pairsPerSecond()).isEqualTo(150);
        assertThat(sample.cpuMicros()).isEqualTo(20);
        assertThat(sample.refused()).isEqualTo(1);
        assertThat(sample.isGood()).isFalse();
    }

    @Test
    void reports_ratios(@TempDir Path directory) throws Exception {
        var report =
                new PairsReport(
                        List.of(
                                new PairsSample(ALONE_TWO, 1_000, 20, 10, 0, true),
                                new PairsSample(ALONE_SIX, 800, 30, 10, 0, true),
                                new PairsSample(THREE_TWO, 250, 90, 10, 0, true)));

        var file = directory.resolve("sub").resolve("pairs.json");
        report.writeJson(file);

        assertThat(report.isGood()).isTrue();
        assertThat(report.table().lines()).hasSize(4).anyMatch(line -> line.endsWith("1.50"));
        var json = new ObjectMapper().readTree(Files.readString(file)).path("settings");
        assertThat(json.at("/1/cpu_to_two_budgets").asDouble()).isEqualTo(1.5);
        assertThat(json.at("/2/pairs_to_first").asDouble()).isEqualTo(0.25);
        assertThat(json.at("/2").has("cpu_to_two_budgets")).isFalse();
    }

    @Test
    void a_node_that_did_not_end_or_did_nothing_is_not_good() {
        assertThat(new PairsReport(List.of(new PairsSample(ALONE_TWO, 1, 1, 1, 0, false))).isGood())
                .isFalse();
        assertThat(new PairsReport(List.of(new PairsSample(ALONE_TWO, 0, 0, 0, 0, true))).isGood())
                .isFalse();
    }
}
