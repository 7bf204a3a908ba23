package dev.tollgate.loadtest.fault;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The nodes together.
final class Cluster implements AutoCloseable {

    static final String ADMIN_TOKEN = "fault-admin-token-of-this-run-only";

    private static final List<String> GAUGES =
            List.of(
                    "tollgate_holds_open",
                    "tollgate_outbox_entries",
                    "tollgate_settlements_waiting");

    private final List<GatewayNode> nodes;

    Cluster(List<GatewayNode> nodes) {
        this.nodes = List.copyOf(nodes);
    }

    /// Nodes that are not started yet.
    static Cluster of(
            FaultSettings settings,
            Network network,
            PostgresServer postgres,
            Upstream upstream,
            Path directory) {
        var http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(1))
                        .build();
        var members =
                IntStream.range(0, settings.nodes())
                        .mapToObj(i -> network.node(i) + ":" + GatewayNode.CLUSTER_PORT)
                        .collect(Collectors.joining(","));
        var nodes = new ArrayList<GatewayNode>();
        for (int i = 0; i < settings.nodes(); i++) {
            var command = new ArrayList<>(network.at(i));
            command.addAll(settings.nodeCommand());
            var environment = new HashMap<String, String>();
            environment.put("TOLLGATE_DATABASE_URL", postgres.url());
            environment.put("TOLLGATE_DATA", directory.resolve("node" + (i + 1)).toString());
            environment.put("TOLLGATE_BIND", network.node(i));
            environment.put("TOLLGATE_PORT", Integer.toString(GatewayNode.PORT));
            environment.put("TOLLGATE_ADMIN_PORT", Integer.toString(GatewayNode.ADMIN_PORT));
            environment.put("TOLLGATE_ADMIN_TOKEN", ADMIN_TOKEN);
            environment.put("TOLLGATE_KEY_PEPPER", "fault-pepper-of-this-run-only-0123456789");
            environment.put("OPENAI_API_KEY", "simulated");
            environment.put("OPENAI_BASE_URL", upstream.openAiBaseUrl());
            environment.put("ANTHROPIC_API_KEY", "simulated");
            environment.put("ANTHROPIC_BASE_URL", upstream.anthropicBaseUrl());
            if (settings.nodes() > 1) {
                environment.put("TOLLGATE_CLUSTER_MEMBERS", members);
                environment.put("TOLLGATE_CLUSTER_BIND", network.node(i));
                environment.put(
                        "TOLLGATE_CLUSTER_PORT", Integer.toString(GatewayNode.CLUSTER_PORT));
            }
            nodes.add(
                    new GatewayNode(
                            i,
                            network.node(i),
                            List.copyOf(command),
                            Map.copyOf(environment),
                            directory.resolve("node" + (i + 1) + ".log"),
                            http));
        }
        return new Cluster(nodes);
    }

    List<GatewayNode> nodes() {
        return nodes;
    }

    List<GatewayNode> others(GatewayNode node) {
        return nodes.stream().filter(other -> other != node).toList();
    }

    void startAll() {
        nodes.forEach(GatewayNode::start);
    }

    boolean awaitReady(Duration most) {
        return Wait.until(most, () -> nodes.stream().allMatch(GatewayNode::isReady));
    }

    GatewayNode anyReady() {
        return nodes.stream()
                .filter(GatewayNode::isReady)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no node is ready"));
    }

    /// Waits until nothing is held, waiting or unbooked.
    boolean awaitQuiet(Duration most) {
        return Wait.until(most, () -> nodes.stream().allMatch(Cluster::isQuiet));
    }

    private static boolean isQuiet(GatewayNode node) {
        return GAUGES.stream().allMatch(gauge -> node.metric(gauge) == 0);
    }

    /// What the gauges say that should be 0.
    String unrest() {
        return nodes.stream()
                .map(node ->
                        node
                                + (node.isReady() ? "" : " not ready")
                                + GAUGES.stream()
                                        .map(gauge -> " " + gauge + "=" + node.metric(gauge))
                                        .collect(Collectors.joining()))
                .collect(Collectors.joining("; "));
    }

    @Override
    public void close() {
        for (var node : nodes) {
            if (node.isAlive()) {
                node.kill();
            }
        }
    }
}
