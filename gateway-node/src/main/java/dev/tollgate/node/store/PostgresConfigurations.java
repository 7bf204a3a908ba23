package dev.tollgate.node.store;

import dev.tollgate.budget.BudgetSet;
import dev.tollgate.budget.Budgets;
import dev.tollgate.budget.ServedModels;
import dev.tollgate.budget.Targets;
import dev.tollgate.caller.Keys;
import dev.tollgate.config.Configuration;
import dev.tollgate.config.Configurations;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The configurations of all organizations, kept in memory and read anew when their version rises.
///
/// Reads are plain memory reads, from any thread. A newer version is noticed within [#POLL_MILLIS]
/// even when nobody tells.
public final class PostgresConfigurations implements Configurations, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresConfigurations.class);
    private static final long POLL_MILLIS = 500;

    private final Vertx vertx;
    private final ConfigurationStore store;

    private volatile Map<String, Configuration> byOrganization = Map.of();
    private volatile Map<String, Configuration> byKey = Map.of();
    private volatile Set<String> listed = Set.of();
    private volatile boolean closed;

    public PostgresConfigurations(Vertx vertx, ConfigurationStore store) {
        this.vertx = vertx;
        this.store = store;
    }

    /// Reads everything. Blocks.
    public void load() {
        store.versions().keySet().forEach(this::reload);
    }

    /// Starts looking for newer versions.
    public void watch() {
        vertx.setTimer(
                POLL_MILLIS,
                _ -> {
                    if (!closed) {
                        vertx.executeBlocking(this::poll, false).onComplete(_ -> watch());
                    }
                });
    }

    /// Stops looking: what runs the looking goes away.
    @Override
    public void close() {
        closed = true;
    }

    @Override
    public Configuration current(String organization) {
        var known = byOrganization.get(organization);
        if (known == null) {
            throw new IllegalArgumentException(
                    "organization: " + organization + " (expected: one that exists)");
        }
        return known;
    }

    @Override
    public Optional<Configuration> withKey(String keyId) {
        return Optional.ofNullable(byKey.get(keyId));
    }

    @Override
    public Future<Configuration> refresh(String organization, long version) {
        var known = current(organization);
        return known.version() >= version
                ? Future.succeededFuture(known)
                : vertx.executeBlocking(() -> reload(organization), false)
                        .map(Objects::requireNonNull);
    }

    /// The budgets alone, as the budget filter reads them.
    public Budgets budgets() {
        return new BudgetsView(this);
    }

    private record BudgetsView(Configurations configurations) implements Budgets {

        @Override
        public BudgetSet current(String organization) {
            return configurations.current(organization).budgets();
        }

        @Override
        public Future<BudgetSet> refresh(String organization, long configVersion) {
            return configurations.refresh(organization, configVersion).map(Configuration::budgets);
        }
    }

    /// The models answers come from, as the budget filter prices them.
    public ServedModels servedModels() {
        return (organization, provider, name) ->
                current(organization).catalogue().listed(provider, name);
    }

    /// The deployments that a budget can lead to.
    public Targets targets() {
        return (organization, endpoint, model) ->
                current(organization).catalogue().resolve(endpoint, model);
    }

    /// The keys of all organizations, as the authenticator reads them.
    public Keys keys() {
        return id -> withKey(id).map(configuration -> configuration.keys().get(id));
    }

    /// Whether the catalogue of any organization lists a model.
    public boolean listsModel(String model) {
        return listed.contains(model);
    }

    /// Reads an organization anew. Blocks.
    public synchronized Configuration reload(String organization) {
        var read = store.read(organization);
        var known = byOrganization.get(organization);
        if (known != null && known.version() >= read.version()) {
            return known;
        }
        var organizations = new HashMap<>(byOrganization);
        organizations.put(organization, read);
        var keys = new HashMap<String, Configuration>();
        organizations.values().forEach(one -> one.keys().keySet().forEach(id -> keys.put(id, one)));
        byOrganization = Map.copyOf(organizations);
        byKey = Map.copyOf(keys);
        listed =
                organizations.values().stream()
                        .flatMap(one -> one.catalogue().deployments().stream())
                        .map(deployment -> deployment.model().name())
                        .collect(Collectors.toUnmodifiableSet());
        return read;
    }

    private @Nullable Void poll() {
        try {
            store.versions()
                    .forEach((organization, version) -> {
                        var known = byOrganization.get(organization);
                        if (known == null || known.version() < version) {
                            reload(organization);
                        }
                    });
        } catch (RuntimeException away) {
            LOG.debug("Configuration not read, trying again: {}", away.toString());
        }
        return null;
    }
}
