package dev.tollgate.loadtest.fault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One node of the gateway, through all its lives.
final class GatewayNode {

    static final int PORT = 8080;
    static final int ADMIN_PORT = 8081;
    static final int CLUSTER_PORT = 5701;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ANSWER_MAX = Duration.ofSeconds(2);
    private static final Duration STOP_MAX = Duration.ofSeconds(60);

    private final int index;
    private final String address;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Path log;
    private final HttpClient http;
    private @Nullable ServerProcess process;

    /// @param command the whole command line, with what puts it where it is to run
    GatewayNode(
            int index,
            String address,
            List<String> command,
            Map<String, String> environment,
            Path log,
            HttpClient http) {
        this.index = index;
        this.address = address;
        this.command = command;
        this.environment = environment;
        this.log = log;
        this.http = http;
    }

    int index() {
        return index;
    }

    /// `node 1` is the first.
    String name() {
        return "node " + (index + 1);
    }

    String address() {
        return address;
    }

    URI gateway() {
        return URI.create("http://" + address + ":" + PORT);
    }

    URI admin() {
        return URI.create("http://" + address + ":" + ADMIN_PORT);
    }

    void start() {
        if (!isAlive()) {
            process = ServerProcess.start(command, environment, log);
        }
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /// SIGKILL.
    ///
    /// @return the exit code, 137 when that is what ended it
    int kill() {
        var running = running();
        running.kill();
        return running.exitCode();
    }

    /// SIGTERM, and waits for the end.
    ///
    /// @return the exit code: 143 when it ended in order
    int stop() {
        var running = running();
        running.resume();
        running.terminate();
        if (!running.awaitExit(STOP_MAX)) {
            running.kill();
        }
        return running.exitCode();
    }

    void pause() {
        running().pause();
    }

    void resume() {
        if (process != null) {
            process.resume();
        }
    }

    /// `T` when it is stopped.
    char state() {
        return process == null ? ' ' : process.state();
    }

    private ServerProcess running() {
        if (process == null) {
            throw new IllegalStateException(name() + " was never started");
        }
        return process;
    }

    /// The last line of its output.
    String lastWords() {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> !line.isBlank()).reduce("", (_, last) -> last);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    boolean isReady() {
        return isAlive() && status("/health/ready") == 200;
    }

    /// Its process serves, whatever it may do.
    boolean isLive() {
        return isAlive() && status("/health/live") == 200;
    }

    private int status(String path) {
        try {
            return http.send(request(path), BodyHandlers.discarding()).statusCode();
        } catch (IOException _) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// What `/health/ready` says, ready or not; a missing node when it says nothing.
    JsonNode health() {
        try {
            return JSON.readTree(text("/health/ready"));
        } catch (IOException _) {
            return MissingNode.getInstance();
        }
    }

    /// The sum of all series of a metric; `NaN` when it cannot be asked or has none.
    double metric(String name) {
        try {
            return MetricsText.sum(text("/metrics"), name);
        } catch (IOException _) {
            return Double.NaN;
        }
    }

    private String text(String path) throws IOException {
        try {
            return http.send(request(path), BodyHandlers.ofString()).body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(admin().resolve(path)).timeout(ANSWER_MAX).build();
    }

    @Override
    public String toString() {
        return name();
    }
}
