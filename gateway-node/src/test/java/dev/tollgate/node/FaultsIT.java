package dev.tollgate.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.fault.FaultMain;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The short set of faults on three nodes of the jar that is shipped. The harness is a process of
/// its own, as it moves into namespaces of its own.
class FaultsIT {

    private static final Path JAR = Path.of("target", "tollgate.jar").toAbsolutePath();
    private static final Path RESULTS = Path.of("target", "faults.json").toAbsolutePath();
    private static final long MINUTES_MAX = 20;

    @Test
    void three_nodes_keep_every_promise_through_the_short_set_of_faults() throws Exception {
        var process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4",
                                        "--sun-misc-unsafe-memory-access=allow",
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-Xmx1g",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        FaultMain.class.getName(),
                                        "--set",
                                        "short",
                                        "--jar",
                                        JAR.toString(),
                                        "--out",
                                        RESULTS.toString()))
                        .inheritIO()
                        .start();
        try {
            assertThat(process.waitFor(MINUTES_MAX, TimeUnit.MINUTES)).as("it ends").isTrue();
            assertThat(process.exitValue()).as("see the table and " + RESULTS).isZero();
        } finally {
            process.destroy();
        }
    }
}
