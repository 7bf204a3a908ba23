package dev.tollgate.node.clients;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program run to its end, or killed with all it started when that takes too long.
record Program(int exit, String output) {

    private static final int EXIT_KILLED = -1;

    /// @param environment all of it: nothing is inherited but `PATH`
    static Program run(
            List<String> command, Path directory, Map<String, String> environment, Duration limit)
            throws InterruptedException {
        try {
            var output = Files.createTempFile("tollgate-client", ".log");
            var builder =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectInput(
                                    ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile());
            var path = System.getenv("PATH");
            builder.environment().clear();
            builder.environment().put("PATH", path);
            builder.environment().putAll(environment);
            var exit = exit(builder.start(), limit);
            var text = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            return new Program(exit, text);
        } catch (IOException failed) {
            throw new UncheckedIOException(command.getFirst() + ": not run", failed);
        }
    }

    private static int exit(Process process, Duration limit) throws InterruptedException {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
                    ? process.exitValue()
                    : EXIT_KILLED;
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }
}
