package dev.tollgate.loadtest.overhead;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A process that this one starts, waits for and stops.
final class ChildProcess implements AutoCloseable {

    private static final long STOP_SECONDS = 20;
    private static final Duration POLL = Duration.ofMillis(100);

    private final Process process;
    private final Path log;

    private ChildProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// @param log where its output goes
    static ChildProcess start(List<String> command, Map<String, String> environment, Path log) {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        try {
            return new ChildProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /// Waits until `url` answers with `status`.
    ///
    /// @param attempts a tenth of a second apart
    void awaitAnswer(URI url, int status, int attempts) {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(5)).build();
            for (int i = 0; i < attempts && process.isAlive(); i++) {
                if (answers(client, request, status)) {
                    return;
                }
                Thread.sleep(POLL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IllegalStateException(url + " did not answer with " + status + ", see " + log);
    }

    private static boolean answers(HttpClient client, HttpRequest request, int status)
            throws InterruptedException {
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode() == status;
        } catch (IOException notListening) {
            return false;
        }
    }

    /// A port that was free a moment ago.
    static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Asks it to stop, then makes it, with whatever it started and left behind.
    @Override
    public void close() {
        var children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroy);
    }
}
