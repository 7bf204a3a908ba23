package dev.tollgate.loadtest.pairs;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A node in a process of its own: it says `ready`, is told `go`, says what it did, and leaves when
/// its input is closed.
final class PairsNodeProcess implements AutoCloseable {

    private static final Duration READY_MAX = Duration.ofSeconds(90);
    private static final Duration END_MAX = Duration.ofSeconds(45);
    private static final String COUNT = "{\"pairs\":";
    private static final String ENDED = "";

    private final Process process;
    private final Path log;

    /// What it said, without its log; last [#ENDED].
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    /// @param log where what it logs goes
    PairsNodeProcess(List<String> command, Path log) throws IOException {
        this.log = log;
        this.process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread.ofPlatform().daemon().name("pairs-reader").start(this::read);
    }

    private void read() {
        try (var lines = process.inputReader(StandardCharsets.UTF_8);
                var writer = Files.newBufferedWriter(log)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                writer.append(line).append('\n').flush();
                if (line.equals("ready") || line.startsWith(COUNT)) {
                    said.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            said.add(ENDED);
        }
    }

    void awaitReady() throws InterruptedException {
        next(READY_MAX);
    }

    void go() throws IOException {
        process.getOutputStream().write("go\n".getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    NodeCount count(Duration most) throws IOException, InterruptedException {
        return new ObjectMapper().readValue(next(most), NodeCount.class);
    }

    private String next(Duration most) throws InterruptedException {
        var line = said.poll(most.toMillis(), TimeUnit.MILLISECONDS);
        if (line == null || line.equals(ENDED)) {
            throw new IllegalStateException(
                    "node: " + (line == null ? "silent for " + most : "ended") + ", see " + log);
        }
        return line;
    }

    /// Asks it to leave, and does not wait.
    void leave() {
        try {
            process.getOutputStream().close();
        } catch (IOException _) {
            // It is gone already, as its exit code will say.
        }
    }

    /// @return whether it ended by itself, and well
    boolean hasEndedWell() throws InterruptedException {
        return process.waitFor(END_MAX.toMillis(), TimeUnit.MILLISECONDS)
                && process.exitValue() == 0;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
