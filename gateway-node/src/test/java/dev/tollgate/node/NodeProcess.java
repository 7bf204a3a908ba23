package dev.tollgate.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// The program in a process of its own, for tests to kill.
///
/// Its flags are those of the JVM that runs the tests, which are the build's.
final class NodeProcess implements AutoCloseable {

    private static final Duration START_MAX = Duration.ofMinutes(2);
    private static final Duration STOP_MAX = Duration.ofSeconds(60);
    private static final String GATEWAY = "  gateway ";
    private static final String ADMIN = "  admin API ";
    private static final Pattern URL = Pattern.compile("http://[0-9.:]+");

    private final Process process;
    private final Thread reader;

    // Guarded by itself.
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    private NodeProcess(Process process) {
        this.process = process;
        this.reader = Thread.ofVirtual().name("node-output").start(this::read);
    }

    /// @param environment all of it, but for `PATH`
    static NodeProcess start(Map<String, String> environment) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(NodeProcess::isFlagOfTheBuild)
                .forEach(command::add);
        // Its own, not that of the tests.
        command.add("-Dlogback.configurationFile=logback.xml");
        command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        return start(command, environment);
    }

    static NodeProcess start(List<String> command, Map<String, String> environment) {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        var path = System.getenv("PATH");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().putAll(environment);
        try {
            return new NodeProcess(builder.start());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static boolean isFlagOfTheBuild(String flag) {
        return flag.startsWith("-Djava.util.concurrent.")
                || flag.startsWith("-XX:")
                || flag.startsWith("--");
    }

    /// Waits until it says that it is ready.
    NodeProcess ready() {
        awaitLine("Try it:");
        return this;
    }

    URI gateway() {
        return url(GATEWAY);
    }

    URI admin() {
        return url(ADMIN);
    }

    private URI url(String beginning) {
        var matcher = URL.matcher(awaitLine(beginning));
        if (!matcher.find()) {
            throw new AssertionError(beginning + ": no URL");
        }
        return URI.create(matcher.group());
    }

    /// Waits for a line of output with these words.
    String awaitLine(String words) {
        var until = System.nanoTime() + START_MAX.toNanos();
        synchronized (lines) {
            while (true) {
                for (var line : lines) {
                    if (line.contains(words)) {
                        return line;
                    }
                }
                var left = until - System.nanoTime();
                if (ended || left <= 0) {
                    throw new AssertionError("no '" + words + "' in:\n" + output());
                }
                pause(left);
            }
        }
    }

    private void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.timedWait(lines, nanos);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /// All it has written so far, errors too.
    String output() {
        synchronized (lines) {
            return String.join("\n", lines);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// SIGKILL, to the JVM alone.
    void kill() {
        process.toHandle().destroyForcibly();
        exit();
    }

    /// SIGTERM.
    void terminate() {
        process.toHandle().destroy();
    }

    /// Waits for its end.
    ///
    /// @return the exit code: 143 when SIGTERM ended it in order, which is the JVM's own
    int exit() {
        try {
            if (!process.waitFor(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("does not end:\n" + output());
            }
            reader.join();
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private void read() {
        try (var output = process.inputReader()) {
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                add(line);
            }
        } catch (IOException failed) {
            add("(output ends: " + failed + ")");
        }
        synchronized (lines) {
            ended = true;
            lines.notifyAll();
        }
    }

    private void add(String line) {
        synchronized (lines) {
            lines.add(line);
            lines.notifyAll();
        }
    }

    /// Stops it in order, so that its PostgreSQL goes as well.
    @Override
    public void close() {
        terminate();
        exit();
    }

    /// The process id of the embedded PostgreSQL of a data directory.
    static ProcessHandle postgres(Path data) throws IOException {
        var pid = Files.readAllLines(pidFile(data)).getFirst().strip();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    static Path pidFile(Path data) {
        return data.resolve("postgres").resolve("postmaster.pid");
    }
}
