package dev.tollgate.loadtest.overhead;

import dev.tollgate.loadtest.check.GatewayAdmin;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Tollgate with everything on: a key, two budgets, ledger, journal, spans exported.
final class Tollgate implements Target {

    private static final int START_TRIES = 900;
    private static final String ORGANIZATION = "/admin/v1/organizations/local";
    private static final String ADMIN_TOKEN = "overhead-admin-token-of-this-run-only";

    private final String name;
    private final ChildProcess process;
    private final URI chat;
    private final String key;

    private Tollgate(String name, ChildProcess process, URI chat, String key) {
        this.name = name;
        this.process = process;
        this.chat = chat;
        this.key = key;
    }

    /// @param budgets that apply to every request and never run out, at least two
    /// @param directory for its data and its output
    static Tollgate start(
            String name,
            int budgets,
            List<String> command,
            int providerPort,
            int tracesPort,
            Path directory)
            throws IOException {
        Files.createDirectories(directory);
        var port = ChildProcess.freePort();
        var adminPort = ChildProcess.freePort();
        var traces = "http://127.0.0.1:" + tracesPort;
        var environment =
                Map.of(
                        "OPENAI_API_KEY",
                        "simulated",
                        "OPENAI_BASE_URL",
                        "http://127.0.0.1:" + providerPort + "/v1",
                        "TOLLGATE_DATA",
                        directory.resolve("data").toString(),
                        "TOLLGATE_PORT",
                        Integer.toString(port),
                        "TOLLGATE_ADMIN_PORT",
                        Integer.toString(adminPort),
                        "TOLLGATE_ADMIN_TOKEN",
                        ADMIN_TOKEN,
                        "OTEL_EXPORTER_OTLP_ENDPOINT",
                        traces,
                        "OTEL_EXPORTER_OTLP_PROTOCOL",
                        "http/protobuf",
                        "OTEL_TRACES_EXPORTER",
                        "otlp");
        var process = ChildProcess.start(command, environment, directory.resolve("tollgate.log"));
        try {
            process.awaitAnswer(
                    URI.create("http://127.0.0.1:" + adminPort + "/health/ready"),
                    200,
                    START_TRIES);
            var key = prepare(URI.create("http://127.0.0.1:" + adminPort), budgets);
            return new Tollgate(
                    name,
                    process,
                    URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"),
                    key);
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
    }

    /// The budgets and a key.
    private static String prepare(URI adminOrigin, int budgets) {
        var admin = new GatewayAdmin(adminOrigin, ADMIN_TOKEN);
        admin.put(
                ORGANIZATION + "/budgets/overhead-cost",
                """
                {"scope": {}, "period": "month", "limits": {"cost_usd": "1000000.00"}}
                """);
        admin.put(
                ORGANIZATION + "/budgets/overhead-tokens",
                """
                {"scope": {}, "per": "user", "period": "day",
                 "limits": {"requests": 1000000000, "total_tokens": 1000000000000}}
                """);
        for (var number = 3; number <= budgets; number++) {
            admin.put(
                    ORGANIZATION + "/budgets/overhead-" + number,
                    """
                    {"scope": {"user": "overhead"}, "per": "key", "period": "hour",
                     "limits": {"requests": 1000000000, "output_tokens": 1000000000000}}
                    """);
        }
        var key =
                admin.post(
                        ORGANIZATION + "/keys",
                        """
                        {"name": "overhead", "user": "overhead"}
                        """);
        return key.path("secret").asText();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public URI chat() {
        return chat;
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("authorization", "Bearer " + key);
    }

    /// Without its embedded PostgreSQL, which is a child process.
    @Override
    public ProcessStats stats() {
        return ProcessStats.of(process.handle().pid());
    }

    @Override
    public void close() {
        process.close();
    }
}
