package dev.tollgate.loadtest.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A server in a process of its own, for stopping in every way there is.
final class ServerProcess {

    private static final Duration KILL_MAX = Duration.ofSeconds(10);

    private final Process process;
    private final Path log;

    private ServerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// @param environment all of it, but for `PATH`
    /// @param log where its output is added
    static ServerProcess start(List<String> command, Map<String, String> environment, Path log) {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
        builder.environment().putAll(environment);
        try {
            return new ServerProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path log() {
        return log;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// SIGKILL to it and all it started.
    void kill() {
        family().forEach(ProcessHandle::destroyForcibly);
        awaitExit(KILL_MAX);
    }

    /// SIGTERM to it alone.
    void terminate() {
        process.destroy();
    }

    /// SIGSTOP to it and all it started.
    void pause() {
        signal("-STOP");
    }

    void resume() {
        signal("-CONT");
    }

    /// SIGHUP to it alone.
    void hangUp() {
        Shell.run("kill", "-HUP", Long.toString(process.pid()));
    }

    private void signal(String signal) {
        family().forEach(one -> Shell.succeeds("kill", signal, Long.toString(one.pid())));
    }

    private List<ProcessHandle> family() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    }

    /// The letter `/proc` gives: `T` is stopped; a space when it is gone.
    char state() {
        try {
            var stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException _) {
            return ' ';
        }
    }

    /// @return whether it has ended
    boolean awaitExit(Duration most) {
        try {
            return process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// 128 and the signal's number, when a signal ended it.
    int exitCode() {
        return process.exitValue();
    }
}
