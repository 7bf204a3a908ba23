package dev.tollgate.node;

import dev.tollgate.loadtest.provider.SimulatedProvider;
import dev.tollgate.node.settings.SettingsReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A whole node on free ports, with embedded PostgreSQL in a directory of its own, in front of one
/// simulated provider that speaks both dialects.
public final class GatewayFixture implements AutoCloseable {

    public static final String ADMIN_TOKEN = "test-admin-token-0123456789";

    private final Path data;
    private final SimulatedProvider provider;
    private final Map<String, String> environment;
    private Map<String, @Nullable Object> file;
    private final HttpClient http = HttpClient.newHttpClient();
    private Node node;

    private GatewayFixture(Map<String, String> more, Map<String, @Nullable Object> file) {
        this.file = file;
        try {
            data = Files.createTempDirectory("tollgate-test");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        provider = SimulatedProvider.start();
        environment = new HashMap<>();
        environment.put("TOLLGATE_DATA", data.toString());
        environment.put("TOLLGATE_PORT", "0");
        environment.put("TOLLGATE_ADMIN_PORT", "0");
        environment.put("TOLLGATE_ADMIN_TOKEN", ADMIN_TOKEN);
        environment.put("OPENAI_API_KEY", "sk-upstream-openai");
        environment.put("OPENAI_BASE_URL", provider.openAiBaseUrl().toString());
        environment.put("ANTHROPIC_API_KEY", "sk-upstream-anthropic");
        environment.put("ANTHROPIC_BASE_URL", provider.anthropicBaseUrl().toString());
        environment.putAll(more);
        node = startNode();
    }

    public static GatewayFixture start() {
        return new GatewayFixture(Map.of(), Map.of());
    }

    /// @param environment beside, and over, what the fixture sets
    public static GatewayFixture start(Map<String, String> environment) {
        return new GatewayFixture(environment, Map.of());
    }

    /// @param file what a settings file says
    public static GatewayFixture start(
            Map<String, String> environment, Map<String, @Nullable Object> file) {
        return new GatewayFixture(environment, file);
    }

    public SimulatedProvider provider() {
        return provider;
    }

    public Node node() {
        return node;
    }

    public URI gateway() {
        return URI.create("http://127.0.0.1:" + node.port());
    }

    public URI admin() {
        return URI.create("http://127.0.0.1:" + node.adminPort().orElseThrow());
    }

    /// Stops the node and starts it again on the same data.
    public void restart() {
        node.close();
        node = startNode();
    }

    /// The same with another settings file.
    public void restart(Map<String, @Nullable Object> newFile) {
        file = newFile;
        restart();
    }

    /// Calls the admin API with its token.
    public HttpResponse<String> admin(String method, String path, @Nullable String json) {
        return send(
                method,
                admin().resolve(path),
                json,
                Map.of("authorization", "Bearer " + ADMIN_TOKEN));
    }

    /// Calls the gateway.
    public HttpResponse<String> post(String path, String json, Map<String, String> headers) {
        return send("POST", gateway().resolve(path), json, headers);
    }

    /// The same without waiting; cancelled, its connection is closed.
    public CompletableFuture<HttpResponse<String>> postAsync(
            String path, String json, Map<String, String> headers) {
        var request =
                HttpRequest.newBuilder(gateway().resolve(path))
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .header("content-type", "application/json");
        headers.forEach(request::header);
        return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> get(String path, Map<String, String> headers) {
        return send("GET", gateway().resolve(path), null, headers);
    }

    private HttpResponse<String> send(
            String method, URI target, @Nullable String json, Map<String, String> headers) {
        var body =
                json == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(json);
        var request = HttpRequest.newBuilder(target).method(method, body);
        if (json != null) {
            request.header("content-type", "application/json");
        }
        headers.forEach(request::header);
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private Node startNode() {
        var settings = new SettingsReader(environment).read(file, "the test's settings");
        var host = new Node.Host(Clock.systemUTC(), System::nanoTime, new SecureRandom());
        return Node.start(settings, environment, host);
    }

    @Override
    public void close() {
        node.close();
        provider.close();
        http.close();
        try (var files = Files.walk(data)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
