package dev.tollgate.admin;

import dev.tollgate.admin.alert.AlertRoutes;
import dev.tollgate.admin.budget.BudgetRoutes;
import dev.tollgate.admin.budget.BudgetStore;
import dev.tollgate.admin.budget.BudgetUsage;
import dev.tollgate.admin.catalogue.CatalogueRoutes;
import dev.tollgate.admin.change.Changes;
import dev.tollgate.admin.change.IdempotentAnswers;
import dev.tollgate.admin.change.Management;
import dev.tollgate.admin.change.Seal;
import dev.tollgate.admin.desired.DesiredState;
import dev.tollgate.admin.desired.KeySecrets;
import dev.tollgate.admin.health.HealthRoutes;
import dev.tollgate.admin.http.AdminRouter;
import dev.tollgate.admin.http.AdminToken;
import dev.tollgate.admin.http.BrowserGuard;
import dev.tollgate.admin.http.Contract;
import dev.tollgate.admin.http.DatabaseWatch;
import dev.tollgate.admin.http.Gate;
import dev.tollgate.admin.http.Operation;
import dev.tollgate.admin.key.KeyRoutes;
import dev.tollgate.admin.key.KeyStore;
import dev.tollgate.admin.ledger.LedgerRoutes;
import dev.tollgate.admin.reconciliation.ReconciliationRoutes;
import dev.tollgate.admin.usage.UsageRoutes;
import dev.tollgate.caller.Pepper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jooq.DSLContext;

/// The admin API, wired: the router that the admin port serves.
///
/// Everything the admin port answers is here, health and metrics included; `/health` and `/metrics`
/// need no token, all under `/admin` does.
public final class AdminApi {

    private AdminApi() {}

    /// What it needs from outside.
    ///
    /// @param random cryptographically strong
    /// @param ids UUIDv7
    public record Parts(
            DSLContext database,
            Pepper pepper,
            Clock clock,
            RandomGenerator random,
            Supplier<UUID> ids,
            NodeControl node) {}

    /// The router for `HttpServer.requestHandler`. Fails when the OpenAPI document and the code do
    /// not have the same operations.
    public static Future<Router> router(Vertx vertx, Parts parts, AdminSettings settings) {
        return Contract.load(vertx)
                .map(contract ->
                        new AdminRouter(
                                        contract,
                                        operations(contract, parts, settings),
                                        frame(parts, settings))
                                .router(vertx));
    }

    /// What applies the file's and the environment's resources at start.
    ///
    /// @param environment the value of a variable, if it is set
    public static DesiredState desiredState(
            Parts parts, Function<String, Optional<String>> environment) {
        return new DesiredState(
                new KeyStore(parts.clock, parts.ids),
                new BudgetStore(parts.clock, parts.ids),
                new Changes(parts.database, parts.node),
                parts.pepper,
                new KeySecrets(environment));
    }

    private static AdminRouter.Parts frame(Parts parts, AdminSettings settings) {
        return new AdminRouter.Parts(
                new AdminToken(settings.token().reveal().getBytes(StandardCharsets.UTF_8)),
                new BrowserGuard(settings.hosts()),
                new Gate(settings.concurrentCallsMax(), settings.waitMax()),
                new DatabaseWatch(() -> parts.database.selectOne().fetch()),
                parts.ids,
                settings.bodyBytesMax());
    }

    private static Map<String, Operation> operations(
            Contract contract, Parts parts, AdminSettings settings) {
        var changes = new Changes(parts.database, parts.node);
        var management = new Management(settings.file());
        var keys = new KeyStore(parts.clock, parts.ids);
        var budgets = new BudgetStore(parts.clock, parts.ids);
        var usage = new BudgetUsage(parts.database, budgets, parts.node, parts.clock);
        var answers = new IdempotentAnswers(new Seal(parts.pepper, parts.random), parts.clock);
        var operations = new HashMap<String, Operation>();
        List.of(
                        new KeyRoutes(
                                        parts.database,
                                        keys,
                                        budgets,
                                        new KeyRoutes.Rules(
                                                changes,
                                                answers,
                                                management,
                                                parts.pepper,
                                                parts.random,
                                                parts.clock))
                                .operations(),
                        new BudgetRoutes(parts.database, budgets, usage, changes, management)
                                .operations(),
                        new UsageRoutes(parts.database, parts.clock).operations(),
                        new LedgerRoutes(parts.database).operations(),
                        new AlertRoutes(parts.database).operations(),
                        new ReconciliationRoutes(parts.database, parts.node).operations(),
                        new CatalogueRoutes(parts.database).operations(),
                        new HealthRoutes(parts.node, contract).operations())
                .forEach(operations::putAll);
        return operations;
    }
}
