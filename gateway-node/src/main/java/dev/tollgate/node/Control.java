package dev.tollgate.node;

import dev.tollgate.admin.NodeControl;
import dev.tollgate.admin.QuotaControl;
import dev.tollgate.budget.Books;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Standing;
import dev.tollgate.node.store.PostgresConfigurations;
import dev.tollgate.node.telemetry.Metrics;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// What the admin API asks of this node. Blocks, on the admin API's virtual threads.
record Control(
        PostgresConfigurations configurations,
        Books books,
        Metrics meters,
        Supplier<dev.tollgate.node.http.Readiness> state,
        QuotaControl quota)
        implements NodeControl {

    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

    @Override
    public void configurationChanged(String organization, long version) {
        var configuration = configurations.reload(organization);
        answer(books.configure(organization, Math.max(version, configuration.version())));
    }

    @Override
    public List<Standing> standings(String organization, List<BudgetCharge> charges) {
        return answer(books.standings(organization, charges));
    }

    @Override
    public String metrics() {
        return meters.scrape();
    }

    @Override
    public NodeControl.Readiness readiness() {
        var now = state.get();
        return new NodeControl.Readiness(
                now.ready() && !now.draining(),
                Map.of(
                        "configuration_revision", now.configurationRevision(),
                        "lease", now.lease()));
    }

    private static <T> T answer(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
