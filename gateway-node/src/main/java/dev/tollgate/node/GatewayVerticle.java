package dev.tollgate.node;

import dev.tollgate.budget.BudgetFilter;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.node.http.DoorParts;
import dev.tollgate.node.http.DoorServer;
import dev.tollgate.node.http.DoorSettings;
import dev.tollgate.node.provider.Attempts;
import dev.tollgate.node.provider.ProviderSettings;
import dev.tollgate.node.provider.UpstreamHttp;
import dev.tollgate.node.provider.anthropic.AnthropicClient;
import dev.tollgate.node.provider.openai.OpenAiClient;
import dev.tollgate.node.provider.sandbox.SandboxClient;
import dev.tollgate.path.Filter;
import dev.tollgate.tokens.TokenCounter;
import dev.tollgate.usage.Recorder;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One event loop's share of the gateway: its listener, its path, its connections to providers.
final class GatewayVerticle extends VerticleBase {

    private final Parts parts;
    private @Nullable HttpServer server;

    /// @param door makes the door's parts around the path of this event loop
    record Parts(
            String host,
            int port,
            DoorSettings doorSettings,
            ProviderSettings providerSettings,
            ActiveRequests active,
            Recorder recorder,
            Duration total,
            BudgetFilter.Parts budget,
            TokenCounter counter,
            LongSupplier nanoTime,
            Function<Filter.Next, DoorParts> door) {

        /// The same on another port.
        Parts listeningOn(int other) {
            return new Parts(
                    host,
                    other,
                    doorSettings,
                    providerSettings,
                    active,
                    recorder,
                    total,
                    budget,
                    counter,
                    nanoTime,
                    door);
        }
    }

    GatewayVerticle(Parts parts) {
        this.parts = parts;
    }

    @Override
    public Future<?> start() {
        var path =
                GatewayPath.of(
                        new GatewayPath.Parts(
                                parts.active(),
                                parts.recorder(),
                                parts.total(),
                                parts.budget(),
                                attempts()));
        server = new DoorServer(vertx, parts.doorSettings(), parts.door().apply(path)).create();
        return server.listen(parts.port(), parts.host());
    }

    /// Takes no new connections, and closes each when its request is answered.
    Future<Void> shutdown(Duration limit) {
        return server == null
                ? Future.succeededFuture()
                : server.shutdown(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// The port listened on. Known once started.
    int port() {
        return server == null ? parts.port() : server.actualPort();
    }

    private Attempts attempts() {
        var http =
                UpstreamHttp.open(
                        vertx, parts.providerSettings(), Optional.empty(), parts.nanoTime());
        var sandbox = new SandboxClient(vertx, parts.counter(), parts.nanoTime());
        return new Attempts(
                Map.of(Provider.SANDBOX, sandbox),
                Map.of(
                        Dialect.OPENAI, new OpenAiClient(http, Set.of()),
                        Dialect.ANTHROPIC, new AnthropicClient(http)));
    }
}
