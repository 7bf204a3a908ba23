package dev.tollgate.node.settings;

import dev.tollgate.caller.Anonymous;
import dev.tollgate.caller.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Everything an operator can set, read and checked.
///
/// @param bind address both listeners bind to
/// @param port of the gateway, 0 for any free one
/// @param adminPort of the admin API, 0 for any free one
/// @param adminEnabled whether this node serves the admin API
/// @param data directory of the journal, the embedded PostgreSQL and generated secrets
/// @param databaseUrl of an external PostgreSQL; empty runs the embedded one
/// @param adminHosts names by which the admin API is called, beside addresses and `localhost`
/// @param adminToken empty lets the node make one and print it once
/// @param pepper under which keys are hashed; empty lets the node keep one in its data directory
/// @param anonymous who may call without a key
/// @param dailyTokensPerUser a ready-made local budget, 0 for none
/// @param dailyUsd a ready-made local budget in dollars, empty for none
/// @param budgets as written in the file, checked by their own reader
/// @param keys as written in the file, checked by their own reader
public record NodeSettings(
        String bind,
        int port,
        int adminPort,
        boolean adminEnabled,
        List<String> adminHosts,
        Path data,
        Optional<Secret> databaseUrl,
        Optional<Secret> adminToken,
        Optional<Secret> pepper,
        Anonymous anonymous,
        long dailyTokensPerUser,
        String dailyUsd,
        Limits limits,
        Timeouts timeouts,
        Journal journal,
        Cluster cluster,
        Queue queue,
        Failover failover,
        List<ProviderSetting> providers,
        List<Map<String, @Nullable Object>> budgets,
        List<Map<String, @Nullable Object>> keys) {

    public NodeSettings {
        adminHosts = List.copyOf(adminHosts);
        providers = List.copyOf(providers);
        budgets = List.copyOf(budgets);
        keys = List.copyOf(keys);
    }

    /// Whether this is one developer's node, on embedded PostgreSQL.
    public boolean local() {
        return databaseUrl.isEmpty();
    }

    /// @param requestBodyBytesMax larger bodies are refused with 413
    /// @param replyBodyBytesMax larger whole answers of a provider are refused with 502
    /// @param upstreamConnectionsMax to one provider, per node
    public record Limits(
            int requestBodyBytesMax, int replyBodyBytesMax, int upstreamConnectionsMax) {
        public static final Limits DEFAULT = new Limits(16 << 20, 64 << 20, 2_000);
    }

    /// @param requestBody from the head of a request to the end of its body
    /// @param connect to a provider
    /// @param firstByte from the end of the request to the first byte of the answer
    /// @param idle between two pieces of an answer
    /// @param total from a request to the head of its answer
    /// @param heartbeat silence on a stream after which a keep-alive is written
    /// @param slowReader how long a client may take no byte of what is waiting for it
    /// @param drainDelay how long a stopping node still takes requests, though it says that it is
    ///   not ready: what the load balancer in front needs to notice
    /// @param drain how long a stopping node lets requests run
    public record Timeouts(
            Duration requestBody,
            Duration connect,
            Duration firstByte,
            Duration idle,
            Duration total,
            Duration heartbeat,
            Duration slowReader,
            Duration drainDelay,
            Duration drain) {
        public static final Timeouts DEFAULT =
                new Timeouts(
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(10),
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(60),
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(60),
                        Duration.ZERO,
                        Duration.ofSeconds(30));
    }

    /// @param syncInterval between two fsyncs; zero syncs every intent before it is acted on
    /// @param bytesMax of all segments together; past it holds are refused
    public record Journal(Duration syncInterval, long bytesMax) {
        public static final Journal DEFAULT = new Journal(Duration.ofMillis(100), 1L << 30);
    }

    /// How long requests wait for room in a budget before they are refused.
    ///
    /// @param concurrencyWait the longest for `concurrent_requests`; zero refuses at once
    /// @param rateWait the longest for a rate
    /// @param requestsMax that wait on this node at the same time
    public record Queue(Duration concurrencyWait, Duration rateWait, int requestsMax) {
        public static final Queue DEFAULT =
                new Queue(Duration.ofSeconds(2), Duration.ofSeconds(2), 1_000);
    }

    /// What becomes of a request whose provider fails before it answers.
    ///
    /// @param attemptsMax calls to providers for one request; 1 never tries another
    public record Failover(int attemptsMax) {
        public static final Failover DEFAULT =
                new Failover(dev.tollgate.budget.Failover.ATTEMPTS_MAX_DEFAULT);
    }

    /// How this node finds others.
    ///
    /// @param name nodes of other names are not joined
    /// @param bind address of a private interface, for other nodes
    /// @param port for them; 0 for any free one, of a node alone
    /// @param members addresses of nodes, `host:port`; empty for none
    /// @param kubernetesDns name of a headless service instead
    public record Cluster(
            String name,
            String bind,
            int port,
            List<String> members,
            Optional<String> kubernetesDns) {
        public static final Cluster ALONE =
                new Cluster("tollgate", "127.0.0.1", 0, List.of(), Optional.empty());

        public Cluster {
            members = List.copyOf(members);
        }
    }

    /// A provider the operator names.
    ///
    /// @param type `openai`, `anthropic` or `ollama`
    /// @param credentialSource such as `env:OPENAI_API_KEY`; empty for none
    /// @param managedBy `file` or `environment`
    public record ProviderSetting(
            String name, String type, URI baseUrl, String credentialSource, String managedBy) {}
}
