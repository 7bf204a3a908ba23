package dev.tollgate.loadtest.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class ServerProcessTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir Path directory;

    @Test
    void it_is_seen_to_stop_and_to_go_on() {
        var process = start("sleep 60");

        process.pause();
        assertThat(Wait.until(SOON, () -> process.state() == 'T')).isTrue();
        process.resume();
        assertThat(Wait.until(SOON, () -> process.state() != 'T')).isTrue();

        process.kill();
        assertThat(process.exitCode()).isEqualTo(137);
    }

    @Test
    void told_to_end_it_does() {
        var process = start("exec sleep 60");

        process.terminate();

        assertThat(process.awaitExit(SOON)).isTrue();
        assertThat(process.exitCode()).isEqualTo(143);
    }

    @Test
    void it_has_the_given_environment_and_no_other() throws Exception {
        var process = start("env");

        assertThat(process.awaitExit(SOON)).isTrue();
        assertThat(Files.readString(process.log())).contains("A=b").doesNotContain("HOME=");
    }

    private ServerProcess start(String script) {
        return ServerProcess.start(
                List.of("sh", "-c", script), Map.of("A", "b"), directory.resolve("log"));
    }
}
