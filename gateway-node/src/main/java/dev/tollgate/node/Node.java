package dev.tollgate.node;

import com.fasterxml.uuid.Generators;
import dev.tollgate.admin.AdminApi;
import dev.tollgate.admin.AdminSettings;
import dev.tollgate.admin.desired.Wanted;
import dev.tollgate.budget.BudgetFilter;
import dev.tollgate.budget.Failover;
import dev.tollgate.budget.HoldQueue;
import dev.tollgate.caller.Authenticator;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Pepper;
import dev.tollgate.caller.Secret;
import dev.tollgate.node.catalogue.BuiltInCatalogue;
import dev.tollgate.node.cluster.AdmissionLease;
import dev.tollgate.node.cluster.BooksSettings;
import dev.tollgate.node.cluster.ClusterMember;
import dev.tollgate.node.cluster.ClusterSettings;
import dev.tollgate.node.cluster.DatabaseClock;
import dev.tollgate.node.cluster.HazelcastBooks;
import dev.tollgate.node.cluster.Holdings;
import dev.tollgate.node.cluster.JournalSettings;
import dev.tollgate.node.http.DoorParts;
import dev.tollgate.node.http.DoorSettings;
import dev.tollgate.node.http.Readiness;
import dev.tollgate.node.provider.ProviderSettings;
import dev.tollgate.node.provider.WorkerCounting;
import dev.tollgate.node.settings.LocalSecrets;
import dev.tollgate.node.settings.NodeSettings;
import dev.tollgate.node.store.ConfigurationStore;
import dev.tollgate.node.store.CredentialSource;
import dev.tollgate.node.store.JsonLedgerRows;
import dev.tollgate.node.store.PostgresConfigurations;
import dev.tollgate.node.store.PostgresLeaseStore;
import dev.tollgate.node.store.PostgresLedgerStore;
import dev.tollgate.node.store.PostgresRequestStories;
import dev.tollgate.node.store.ProviderStore;
import dev.tollgate.node.telemetry.Telemetry;
import dev.tollgate.node.telemetry.TelemetrySettings;
import dev.tollgate.policy.PolicyFilter;
import dev.tollgate.schema.Database;
import dev.tollgate.schema.jooq.Routines;
import dev.tollgate.tokens.TokenCounter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One running node: everything it is made of, in the order in which it starts.
///
/// What has started is closed in reverse when the start fails, and by [#close()].
public final class Node implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final Duration LISTENERS_LIMIT = Duration.ofSeconds(1);
    private static final Duration LEASE_ANSWER_MAX = Duration.ofSeconds(1);
    private static final int COUNTING_WAITING_MAX = 1_000;
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration HOLD_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration DRAIN_POLL = Duration.ofMillis(20);
    private static final Duration BOOKING_LIMIT = Duration.ofSeconds(10);
    private static final Duration PARTITIONS_EVERY = Duration.ofDays(1);
    private static final Duration DRIFT_FIRST = Duration.ofMinutes(10);
    private static final Duration DRIFT_EVERY = Duration.ofDays(1);
    private static final int PARTITIONS_MONTHS_AHEAD = 2;

    /// Vert.x gives each listener on port 0 a port of its own, and one port to all on a negative
    /// one.
    private static final int PORT_ANY_SHARED = -1;

    private final NodeSettings settings;
    private final Host host;
    private final Deque<Runnable> closing = new ArrayDeque<>();
    private final ActiveRequests active = new ActiveRequests();
    private final List<String> providers = new ArrayList<>();
    private final List<GatewayVerticle> verticles = new ArrayList<>();

    private volatile boolean ready;
    private volatile boolean draining;
    private Optional<LocalSecrets.Kept> adminToken = Optional.empty();
    private OptionalInt adminPort = OptionalInt.empty();
    private int port;

    /// What a node takes from the machine.
    ///
    /// @param nanoTime a monotonic clock
    public record Host(Clock clock, LongSupplier nanoTime, SecureRandom random) {}

    private Node(NodeSettings settings, Host host) {
        this.settings = settings;
        this.host = host;
    }

    /// Starts a node. Blocks until it is ready, a few seconds.
    ///
    /// @throws RuntimeException when it cannot; nothing is left running then
    public static Node start(NodeSettings settings, Map<String, String> environment, Host host) {
        var node = new Node(settings, host);
        try {
            node.start(environment);
            return node;
        } catch (RuntimeException | Error failure) {
            node.closeParts();
            throw failure;
        }
    }

    private void start(Map<String, String> environment) {
        var telemetrySettings = TelemetrySettings.from(environment);
        var secrets = new LocalSecrets(settings.data(), host.random());
        var pepper = new Pepper(pepper(secrets).reveal().getBytes(StandardCharsets.UTF_8));
        var ids = ids();

        // The two slow starters, beside each other.
        var incarnation = UUID.randomUUID();
        var booksSettings = booksSettings();
        var holdings = Holdings.open(booksSettings, incarnation);
        closing.push(() -> holdings.close());
        var memberStarting = startMember(holdings);
        var database = closed(openDatabase());
        var vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        closing.push(() -> await(vertx.close()));

        var configurations = configurations(vertx, database, environment);
        var ledger = new PostgresLedgerStore(database.dataSource());
        var clock = new DatabaseClock(host.nanoTime(), ledger::nowMicros);
        var member = joined(memberStarting);
        var lease = lease(database, member);
        var books =
                books(
                        new HazelcastBooks.Parts(
                                vertx, member, holdings, ledger, clock, host.nanoTime(), lease),
                        booksSettings,
                        lease);
        var telemetry =
                closed(
                        Telemetry.start(
                                telemetrySettings,
                                ids.get().toString(),
                                configurations::listsModel,
                                host.nanoTime()));
        var drift = new DriftWatch(database.dsl(), host.clock());
        Gauges.register(telemetry.metrics(), lease);
        Gauges.register(telemetry.metrics(), books::gauges, drift::drifts);
        Supplier<Readiness> readiness = () -> readiness(configurations, lease);
        var admin =
                new AdminApi.Parts(
                        database.dsl(),
                        pepper,
                        host.clock(),
                        host.random(),
                        ids,
                        new Control(
                                configurations,
                                books,
                                telemetry.metrics(),
                                readiness,
                                new BookQuota(books)));
        applyWanted(admin, environment);

        var counter = new TokenCounter();
        var counting = closed(counting(vertx, counter));
        var budget =
                new BudgetFilter.Parts(
                        books,
                        configurations.budgets(),
                        configurations.keys(),
                        new JsonLedgerRows(),
                        configurations.servedModels(),
                        configurations.targets(),
                        queue(vertx, clock),
                        counting,
                        ids,
                        clock::nowMillis,
                        new VertxTicks(vertx),
                        new Failover(
                                settings.failover().attemptsMax(), settings.timeouts().total()),
                        telemetry.recorder());
        var authenticator =
                new Authenticator(
                        configurations.keys(), pepper, settings.anonymous(), host.clock());
        var budgetsOfCallers = new BudgetsOfCallers(configurations, books, clock::nowMillis);
        var stories = new PostgresRequestStories(vertx, database.dsl());
        listen(
                vertx,
                new GatewayVerticle.Parts(
                        settings.bind(),
                        settings.port(),
                        doorSettings(),
                        providerSettings(),
                        active,
                        telemetry.recorder(),
                        settings.timeouts().total(),
                        budget,
                        counter,
                        host.nanoTime(),
                        path ->
                                new DoorParts(
                                        path,
                                        configurations,
                                        authenticator,
                                        telemetry.recorder(),
                                        PolicyFilter::permits,
                                        budgetsOfCallers,
                                        stories,
                                        readiness,
                                        ids,
                                        clock::nowMillis,
                                        host.nanoTime())));
        if (settings.adminEnabled()) {
            serveAdmin(vertx, secrets, admin);
        }
        closed(configurations).watch();
        vertx.setPeriodic(
                PARTITIONS_EVERY.toMillis(),
                _ -> vertx.executeBlocking(() -> partitions(database), false));
        vertx.setPeriodic(
                DRIFT_FIRST.toMillis(),
                DRIFT_EVERY.toMillis(),
                _ -> Thread.ofVirtual().name("tollgate-drift").start(drift::look));
        ready = true;
    }

    // --- the parts ---

    private Database openDatabase() {
        return settings.databaseUrl()
                .map(url -> Database.external(url.reveal()))
                .orElseGet(() -> Database.embedded(settings.data()));
    }

    private CompletableFuture<ClusterMember> startMember(Holdings holdings) {
        var starting =
                CompletableFuture.supplyAsync(
                        () -> ClusterMember.start(clusterSettings(), holdings),
                        Thread::startVirtualThread);
        closing.push(() -> starting.thenAccept(ClusterMember::close).join());
        return starting;
    }

    private ClusterSettings clusterSettings() {
        var cluster = settings.cluster();
        return new ClusterSettings(
                cluster.name(),
                cluster.bind(),
                cluster.port(),
                cluster.members(),
                cluster.kubernetesDns());
    }

    private static WorkerCounting counting(Vertx vertx, TokenCounter counter) {
        var threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return new WorkerCounting(vertx, counter, threads, COUNTING_WAITING_MAX);
    }

    /// What the file and the environment ask for beside providers.
    // NullAway does not see the nested @Nullable of a type it reads from a class file.
    @SuppressWarnings("NullAway")
    private void applyWanted(AdminApi.Parts admin, Map<String, String> environment) {
        var wanted =
                new Wanted(
                        settings.budgets(),
                        settings.keys(),
                        settings.dailyTokensPerUser(),
                        settings.dailyUsd());
        AdminApi.desiredState(admin, name -> Optional.ofNullable(environment.get(name)))
                .apply(wanted, host.clock().getZone())
                .notes()
                .forEach(LOG::info);
    }

    private PostgresConfigurations configurations(
            Vertx vertx, Database database, Map<String, String> environment) {
        new ProviderStore(database.dsl(), BuiltInCatalogue.load()).apply(settings.providers());
        var configurations =
                new PostgresConfigurations(
                        vertx,
                        new ConfigurationStore(database.dsl(), new CredentialSource(environment)));
        configurations.load();
        for (var provider :
                configurations.current(Caller.LOCAL_ORGANIZATION).catalogue().providers()) {
            providers.add(provider.name());
        }
        return configurations;
    }

    private AdmissionLease lease(Database database, ClusterMember member) {
        var store =
                new PostgresLeaseStore(() -> database.connect("tollgate-lease", LEASE_ANSWER_MAX));
        var lease =
                new AdmissionLease(store, member.membership(), host.nanoTime(), settings.local());
        closing.push(() -> {
            lease.leave();
            lease.close();
        });
        lease.start();
        return lease;
    }

    private BooksSettings booksSettings() {
        var journal = settings.journal();
        return new BooksSettings(
                settings.data().resolve("journal"),
                new JournalSettings(
                        JournalSettings.DEFAULT.segmentBytes(),
                        journal.bytesMax(),
                        journal.syncInterval()),
                HOLD_TIMEOUT,
                SETTLE_TIMEOUT);
    }

    private HazelcastBooks books(
            HazelcastBooks.Parts parts, BooksSettings booksSettings, AdmissionLease lease) {
        var books = HazelcastBooks.start(parts, booksSettings);
        closing.push(() -> {
            if (!books.drain(BOOKING_LIMIT)) {
                LOG.warn("Not everything is booked; the journal keeps it for the next start");
            }
            lease.leave();
            books.close();
        });
        if (settings.local() && !books.open(Caller.LOCAL_ORGANIZATION, START_TIMEOUT)) {
            throw new IllegalStateException("The book was not opened in " + START_TIMEOUT);
        }
        return books;
    }

    private HoldQueue queue(Vertx vertx, DatabaseClock clock) {
        var settings = this.settings.queue();
        return new HoldQueue(
                new HoldQueue.Settings(
                        settings.concurrencyWait(), settings.rateWait(), settings.requestsMax()),
                new VertxPauses(vertx),
                clock::nowMillis,
                host.random());
    }

    private void listen(Vertx vertx, GatewayVerticle.Parts parts) {
        var loops = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
        var shared = parts.port() == 0 ? parts.listeningOn(PORT_ANY_SHARED) : parts;
        for (var loop = 0; loop < loops; loop++) {
            var verticle = new GatewayVerticle(shared);
            await(vertx.deployVerticle(verticle));
            port = verticle.port();
            verticles.add(verticle);
        }
    }

    private void serveAdmin(Vertx vertx, LocalSecrets secrets, AdminApi.Parts parts) {
        var adminSettings = AdminSettings.of(adminToken(secrets)).withHosts(adminHosts());
        var router = await(AdminApi.router(vertx, parts, adminSettings));
        var server =
                await(
                        vertx.createHttpServer()
                                .requestHandler(router)
                                .listen(settings.adminPort(), settings.bind()));
        adminPort = OptionalInt.of(server.actualPort());
    }

    private Set<String> adminHosts() {
        var hosts = new HashSet<>(settings.adminHosts());
        hosts.add(settings.bind());
        return hosts;
    }

    private Secret adminToken(LocalSecrets secrets) {
        return settings.adminToken()
                .orElseGet(() -> {
                    var kept = secrets.keep("admin-token");
                    adminToken = Optional.of(kept);
                    return kept.secret();
                });
    }

    private Secret pepper(LocalSecrets secrets) {
        return settings.pepper().orElseGet(() -> secrets.keep("key-pepper").secret());
    }

    private DoorSettings doorSettings() {
        var absent = DoorSettings.DEFAULT;
        return new DoorSettings(
                settings.limits().requestBodyBytesMax(),
                absent.headerBytesMax(),
                absent.firstLineBytesMax(),
                settings.timeouts().requestBody(),
                absent.connectionIdleMax(),
                // Looked at every half of it, so that it comes within one and a half times this.
                settings.timeouts().heartbeat().multipliedBy(2).dividedBy(3),
                settings.timeouts().slowReader(),
                absent.writeQueueBytes());
    }

    private ProviderSettings providerSettings() {
        var absent = ProviderSettings.DEFAULTS;
        var timeouts = settings.timeouts();
        return new ProviderSettings(
                timeouts.connect(),
                timeouts.firstByte(),
                timeouts.idle(),
                absent.drain(),
                absent.keepAlive(),
                settings.limits().upstreamConnectionsMax(),
                settings.limits().replyBodyBytesMax(),
                absent.eventBytesMax(),
                absent.headerBytesMax());
    }

    private Readiness readiness(PostgresConfigurations configurations, AdmissionLease lease) {
        return new Readiness(
                ready && lease.now() != null,
                draining,
                configurations.current(Caller.LOCAL_ORGANIZATION).version(),
                lease.state().label());
    }

    private Supplier<UUID> ids() {
        var generator =
                RandomGeneratorFactory.of("L128X256MixRandom").create(host.random().nextLong());
        return Generators.timeBasedEpochGenerator(Random.from(generator))::generate;
    }

    private static @Nullable Void partitions(Database database) {
        Routines.createLedgerPartitions(database.dsl().configuration(), PARTITIONS_MONTHS_AHEAD);
        return null;
    }

    // --- what is told about it ---

    /// The address it is bound to, for links.
    public String host() {
        return settings.bind().equals("0.0.0.0") ? "127.0.0.1" : settings.bind();
    }

    public int port() {
        return port;
    }

    /// Empty when this node serves no admin API.
    public OptionalInt adminPort() {
        return adminPort;
    }

    /// The token this node made for itself; empty when it was given one.
    public Optional<LocalSecrets.Kept> adminToken() {
        return adminToken;
    }

    public Path data() {
        return settings.data();
    }

    /// The names of the providers callers can reach.
    public List<String> providers() {
        return List.copyOf(providers);
    }

    // --- the end ---

    /// Stops: takes nothing new, lets what runs finish for as long as the drain may take, books
    /// what was settled, then closes everything. Blocks.
    @Override
    public void close() {
        if (draining) {
            return;
        }
        ready = false;
        LockSupport.parkNanos(settings.timeouts().drainDelay().toNanos());
        draining = true;
        var limit = settings.timeouts().drain();
        var until = host.nanoTime().getAsLong() + limit.toNanos();
        while (active.count() > 0 && host.nanoTime().getAsLong() < until) {
            LockSupport.parkNanos(DRAIN_POLL.toNanos());
        }
        if (active.count() > 0) {
            LOG.warn("{} requests are cut off by the end of the drain", active.count());
        }
        // Before anything a request needs is gone.
        verticles.forEach(verticle -> await(verticle.shutdown(LISTENERS_LIMIT)));
        closeParts();
    }

    private void closeParts() {
        while (!closing.isEmpty()) {
            try {
                closing.pop().run();
            } catch (RuntimeException failure) {
                LOG.warn("Not closed in order", failure);
            }
        }
    }

    private <T extends AutoCloseable> T closed(T part) {
        closing.push(() -> {
            try {
                part.close();
            } catch (Exception failure) {
                throw new IllegalStateException(part.getClass().getSimpleName(), failure);
            }
        });
        return part;
    }

    private static <T> T await(Future<T> future) {
        return joined(
                future.toCompletionStage()
                        .toCompletableFuture()
                        .orTimeout(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    }

    private static <T> T joined(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }
}
