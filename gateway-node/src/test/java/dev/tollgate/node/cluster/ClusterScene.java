package dev.tollgate.node.cluster;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Ask;
import dev.tollgate.budget.Books.HoldRequest;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Limits;
import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.node.store.PostgresLedgerStore;
import dev.tollgate.schema.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// A node's books over a PostgreSQL, to be stopped and started again.
final class ClusterScene implements AutoCloseable {

    static final String ORGANIZATION = "local";
    static final Path BINARIES = Path.of("target", "postgres-binaries");
    static final UUID BUDGET = new UUID(0x1234, 0x5678);
    static final byte[] OUTCOME =
            "\"uncached_input_tokens\":10,\"output_tokens\":5,\"cost_nano_usd\":7,\"usage_source\":\"provider\",\"status\":\"ok\""
                    .getBytes(StandardCharsets.US_ASCII);
    static final Amounts USED = new Amounts(1, 10, 5, 7);

    private static final Duration ANSWER = Duration.ofSeconds(20);

    final Vertx vertx = Vertx.vertx();
    final ClusterMember member;
    final Holdings holdings;
    final HazelcastBooks books;

    ClusterScene(Path journalDirectory, LedgerStore store) {
        this(journalDirectory, store, JournalSettings.DEFAULT);
    }

    ClusterScene(Path journalDirectory, LedgerStore store, JournalSettings journal) {
        this(journalDirectory, store, journal, incarnation -> Grants.always(1, incarnation));
    }

    /// @param grants of an incarnation
    ClusterScene(
            Path journalDirectory,
            LedgerStore store,
            JournalSettings journal,
            Function<UUID, Grants> grants) {
        this(joining(), journalDirectory, store, journal, grants);
    }

    ClusterScene(
            ClusterSettings cluster,
            Path journalDirectory,
            LedgerStore store,
            JournalSettings journal,
            Function<UUID, Grants> grants) {
        var settings =
                new BooksSettings(
                        journalDirectory, journal, Duration.ofSeconds(3), Duration.ofSeconds(1));
        holdings = Holdings.open(settings, UUID.randomUUID());
        member = ClusterMember.start(cluster, holdings);
        var parts =
                new HazelcastBooks.Parts(
                        vertx,
                        member,
                        holdings,
                        store,
                        new DatabaseClock(System::nanoTime, store::nowMicros),
                        System::nanoTime,
                        grants.apply(holdings.incarnation()));
        books = HazelcastBooks.start(parts, settings);
    }

    /// Of a node that others may join, though none does: its books are in the grid.
    private static ClusterSettings joining() {
        try (var socket = new ServerSocket(0)) {
            var port = socket.getLocalPort();
            return new ClusterSettings(
                    "scene-" + port,
                    "127.0.0.1",
                    port,
                    List.of("127.0.0.1:" + port),
                    Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static LedgerStore storeOn(Database database) {
        return new PostgresLedgerStore(database.dataSource());
    }

    /// A budget for the whole organization and for ever, with a hard limit on requests.
    static BudgetCharge requestLimit(long requests) {
        var limits =
                new Limits(
                        requests,
                        Limits.NONE_SET,
                        Limits.NONE_SET,
                        Limits.NONE_SET,
                        Limits.NONE_SET);
        return charge(limits, limits);
    }

    static BudgetCharge softLimit() {
        return charge(
                new Limits(5, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET),
                Limits.UNLIMITED);
    }

    private static BudgetCharge charge(Limits limits, Limits ceilings) {
        return new BudgetCharge(
                new CounterKey(BUDGET, "", 0),
                "all",
                Long.MAX_VALUE,
                limits,
                ceilings,
                0,
                List.of(800, 1000),
                "reject");
    }

    static HoldRequest request(UUID id, List<BudgetCharge> charges) {
        return request(id, charges, "attempt");
    }

    static HoldRequest request(UUID id, List<BudgetCharge> charges, String kind) {
        var charged = new StringBuilder();
        for (var charge : charges) {
            charged.append(charged.isEmpty() ? "" : ",")
                    .append(
                            "{\"budget\":\"%s\",\"subject\":\"%s\",\"window_start\":%d}"
                                    .formatted(
                                            charge.counter().budgetId(),
                                            charge.counter().subject(),
                                            charge.counter().windowStart()));
        }
        var facts =
                "\"id\":\"%s\",\"request_id\":\"%s\",\"attempt\":1,\"kind\":\"%s\",\"occurred_at\":\"2026-11-20T12:00:00Z\",\"organization\":\"local\",\"requests\":1,\"charges\":[%s]"
                        .formatted(id, id, kind, charged);
        return new HoldRequest(
                id,
                1,
                new Ask(1, 10, 0, 5, 5, 1, 0),
                charges,
                facts.getBytes(StandardCharsets.UTF_8));
    }

    /// A UUIDv7 of now.
    static UUID id(Random random) {
        var millis = System.currentTimeMillis();
        return new UUID(
                millis << 16 | 0x7000 | random.nextInt(0x1000),
                0x8000_0000_0000_0000L | random.nextLong() >>> 2);
    }

    Command.HoldResult hold(HoldRequest request) {
        return await(books.hold(ORGANIZATION, request));
    }

    List<Command.Settled> settle(UUID id) {
        return await(books.settle(ORGANIZATION, id, USED, OUTCOME));
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e);
        } catch (TimeoutException e) {
            throw new AssertionError("no answer in " + ANSWER, e);
        }
    }

    void drain() {
        if (!books.drain(Duration.ofSeconds(20))) {
            throw new AssertionError("not everything is booked");
        }
    }

    /// As after a crash: nothing is booked or handed over any more. The journal's files stay as
    /// they are.
    void crash() {
        member.terminate();
        books.close();
        holdings.close();
        await(vertx.close());
    }

    @Override
    public void close() {
        books.close();
        holdings.close();
        member.close();
        await(vertx.close());
    }
}
