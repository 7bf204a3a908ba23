package dev.tollgate.loadtest.fault;

import dev.tollgate.loadtest.check.GatewayAdmin;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Everything that runs: nodes, database, providers, load balancer, clients. It stays from one
/// fault to the next, so that the books are compared over all of them.
final class Stage implements AutoCloseable {

    static final List<String> BUDGETS_OF_ALL = List.of("everyone", "each");

    private static final Duration START_MAX = Duration.ofMinutes(2);
    private static final Duration REVIVAL_MAX = Duration.ofSeconds(90);
    private static final int KEYS = 3;
    private static final int STARTS_AGAIN_MAX = 10;

    private final Network network;
    private final Vertx vertx;
    private final Upstream upstream;
    private final PostgresServer postgres;
    private final Cluster cluster;
    private final LoadBalancer balancer;
    private final Clients clients;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final List<String> keys = new ArrayList<>();

    Stage(FaultSettings settings, Network network, Path directory) throws IOException {
        this.network = network;
        this.vertx =
                Vertx.vertx(
                        new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
        this.upstream = new Upstream(network.hub(), settings.seeds().getFirst());
        this.postgres = new PostgresServer(directory.resolve("postgres"), network.hub());
        this.cluster = Cluster.of(settings, network, postgres, upstream, directory);
        this.balancer =
                new LoadBalancer(
                        settings.nginx(),
                        directory.resolve("nginx"),
                        network.hub(),
                        cluster.nodes());
        this.clients = new Clients(vertx, System::nanoTime);
    }

    /// Starts all nodes at once, on an empty database, and again those that end, as a supervisor
    /// would. Then makes budgets and keys.
    ///
    /// @return how nodes ended that should have run on
    List<String> open() {
        cluster.startAll();
        var ended = new ArrayList<String>();
        var ready = Wait.until(START_MAX, () -> isReady(ended));
        if (!ready) {
            throw new IllegalStateException(
                    "not all nodes become ready: " + cluster.unrest() + ended);
        }
        prepare();
        return ended;
    }

    private boolean isReady(List<String> ended) {
        for (var node : cluster.nodes()) {
            if (!node.isAlive() && ended.size() < STARTS_AGAIN_MAX) {
                ended.add(node + " ended at its start: " + node.lastWords());
                node.start();
            }
        }
        return cluster.nodes().stream().allMatch(GatewayNode::isReady);
    }

    private void prepare() {
        putBudget(
                "everyone",
                """
                {"period": "total", "limits": {"requests": 100000000, "cost_usd": "1000000.00"}}
                """);
        putBudget(
                "each",
                """
                {"per": "end_user", "period": "total",
                 "limits": {"requests": 1000000, "output_tokens": 1000000000}}
                """);
        for (int i = 0; i < KEYS; i++) {
            var key =
                    admin().post(
                                    "/admin/v1/organizations/local/keys",
                                    "{\"name\":\"key%d\",\"user\":\"user%d\"}".formatted(i, i));
            keys.add(key.path("secret").asText());
        }
    }

    void putBudget(String name, String json) {
        admin().put("/admin/v1/organizations/local/budgets/" + name, json);
    }

    /// Requests that are held by the budget of all, which are those in flight.
    long held() {
        try {
            return admin().get("/admin/v1/organizations/local/budgets/everyone/usage")
                    .path("items")
                    .path(0)
                    .path("held")
                    .path("requests")
                    .asLong(Long.MAX_VALUE);
        } catch (IllegalStateException | UncheckedIOException _) {
            return Long.MAX_VALUE;
        }
    }

    GatewayAdmin admin() {
        return new GatewayAdmin(cluster.anyReady().admin(), Cluster.ADMIN_TOKEN);
    }

    /// Ends whatever fault is still going on.
    ///
    /// @return whether all nodes became ready
    boolean revive() {
        network.heal();
        postgres.thaw();
        postgres.startAgain();
        for (var node : cluster.nodes()) {
            node.resume();
            node.start();
            balancer.putBack(node);
        }
        return cluster.awaitReady(REVIVAL_MAX);
    }

    Network network() {
        return network;
    }

    Upstream upstream() {
        return upstream;
    }

    PostgresServer postgres() {
        return postgres;
    }

    Cluster cluster() {
        return cluster;
    }

    LoadBalancer balancer() {
        return balancer;
    }

    Clients clients() {
        return clients;
    }

    List<String> keys() {
        return keys;
    }

    /// Once, from whichever thread comes first: the end of the run or the end of the process.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        network.heal();
        cluster.close();
        balancer.close();
        postgres.close();
        clients.close();
        upstream.close();
        vertx.close();
    }
}
