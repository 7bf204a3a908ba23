package dev.tollgate.node.cluster;

import com.sun.management.OperatingSystemMXBean;
import dev.tollgate.budget.Ask;
import dev.tollgate.budget.Books.HoldRequest;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Limits;
import dev.tollgate.schema.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// The quota parts of one node in a process of its own, which holds and settles as fast as it can;
/// `loadtest` starts it and counts. The journal is on, and the ledger takes everything at no cost.
///
/// Says `ready`, waits for `go`, runs, says what it did as a line of JSON, and leaves when its
/// input ends.
final class PairsNode {

    private static final Duration HOLD_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration OPEN_MAX = Duration.ofSeconds(20);
    private static final Duration JOIN_MAX = Duration.ofSeconds(60);
    private static final Duration DRAIN_MAX = Duration.ofSeconds(20);
    private static final int LOOPS = 2;
    private static final long FULL_MILLIS = 20;
    private static final Ask ASK = new Ask(1, 10, 0, 5, 5, 1, 0);

    private final Vertx vertx;
    private final HazelcastBooks books;
    private final List<String> organizations;
    private final List<BudgetCharge> charges;
    private final byte[] facts;
    private final LongAdder pairs = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile long startNanos;
    private volatile boolean over;

    private PairsNode(
            Vertx vertx,
            HazelcastBooks books,
            List<String> organizations,
            List<BudgetCharge> charges) {
        this.vertx = vertx;
        this.books = books;
        this.organizations = organizations;
        this.charges = charges;
        this.facts = ClusterScene.request(new UUID(0, 0), charges, "attempt").facts();
    }

    /// `--journal DIRECTORY --organizations N --budgets N --in-flight N --warm-up SECONDS --seconds
    /// SECONDS`, and of a node that others may join `--members HOST:PORT,...`, its own first, and
    /// of one that they do join `--database URL`.
    static void main(String[] arguments) throws IOException, InterruptedException {
        var given = byName(arguments);
        var organizations =
                IntStream.rangeClosed(1, Integer.parseInt(value(given, "--organizations")))
                        .mapToObj(number -> "organization-" + number)
                        .toList();
        var charges =
                LongStream.rangeClosed(1, Long.parseLong(value(given, "--budgets")))
                        .mapToObj(PairsNode::charge)
                        .toList();
        var cluster =
                Optional.ofNullable(given.get("--members"))
                        .map(members -> joining(List.of(members.split(",", -1))))
                        .orElse(ClusterSettings.ALONE);
        var journal = Path.of(value(given, "--journal"));
        var url = given.get("--database");
        if (url == null) {
            var store = new TakingLedger(Optional.empty());
            try (var scene =
                    new ClusterScene(
                            cluster,
                            journal,
                            store,
                            JournalSettings.DEFAULT,
                            incarnation -> Grants.always(1, incarnation))) {
                new PairsNode(scene.vertx, scene.books, organizations, charges).serve(given);
            }
            return;
        }
        try (var database = Database.external(url)) {
            organizations.forEach(organization ->
                    database.dsl()
                            .execute(
                                    "insert into organizations (name) values (?)"
                                            + " on conflict do nothing",
                                    organization));
            var store = new TakingLedger(Optional.of(ClusterScene.storeOn(database)));
            try (var node = new TestNode(cluster, journal, database, store, HOLD_TIMEOUT)) {
                awaitAll(node.lease, cluster.members().size());
                new PairsNode(node.vertx, node.books, organizations, charges).serve(given);
            }
        }
    }

    private static Map<String, String> byName(String... arguments) {
        var given = new HashMap<String, String>();
        for (var i = 0; i + 1 < arguments.length; i += 2) {
            given.put(arguments[i], arguments[i + 1]);
        }
        return given;
    }

    private static String value(Map<String, String> given, String name) {
        var value = given.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + ": missing");
        }
        return value;
    }

    private static ClusterSettings joining(List<String> members) {
        var own = members.getFirst();
        var port = Integer.parseInt(own.substring(own.lastIndexOf(':') + 1));
        return new ClusterSettings("pairs", "127.0.0.1", port, members, Optional.empty());
    }

    private static void awaitAll(Grants grants, int members) throws InterruptedException {
        var until = System.nanoTime() + JOIN_MAX.toNanos();
        for (var grant = grants.now();
                grant == null || grant.members().size() < members;
                grant = grants.now()) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("members: not " + members + " in " + JOIN_MAX);
            }
            Thread.sleep(Duration.ofMillis(50));
        }
    }

    private void serve(Map<String, String> given) throws IOException, InterruptedException {
        for (var organization : organizations) {
            if (!books.open(organization, OPEN_MAX)) {
                throw new IllegalStateException(organization + ": not open in " + OPEN_MAX);
            }
        }
        var firsts = organizations.stream().map(this::firstPair).toList();
        firsts.forEach(ClusterScene::await);
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        IO.println("ready");
        if ("go".equals(input.readLine())) {
            IO.println(
                    run(
                            Integer.parseInt(value(given, "--in-flight")),
                            Duration.ofSeconds(Long.parseLong(value(given, "--warm-up"))),
                            Duration.ofSeconds(Long.parseLong(value(given, "--seconds")))));
            while (input.readLine() != null) {
                // Until the others are done as well.
            }
        }
        if (!books.drain(DRAIN_MAX)) {
            throw new IllegalStateException("not everything is booked");
        }
    }

    /// Refusals count from the first call on, all else after the warm-up.
    private String run(int inFlight, Duration warmUp, Duration length) throws InterruptedException {
        startNanos = System.nanoTime();
        var ended = new CountDownLatch(inFlight);
        for (var loop = 0; loop < LOOPS; loop++) {
            var random = new Random(System.nanoTime());
            var context = ((VertxInternal) vertx).createEventLoopContext();
            for (var i = loop; i < inFlight; i += LOOPS) {
                context.runOnContext(_ -> pair(random, ended));
            }
        }
        Thread.sleep(warmUp);
        var nanosBefore = System.nanoTime();
        var cpuBefore = cpuNanos();
        var pairsBefore = pairs.sum();
        Thread.sleep(length);
        var done = pairs.sum() - pairsBefore;
        var cpu = cpuNanos() - cpuBefore;
        var nanos = System.nanoTime() - nanosBefore;
        over = true;
        ended.await();
        return String.format(
                Locale.ROOT,
                "{\"pairs\":%d,\"refused\":%d,\"cpu_micros\":%d,\"seconds\":%.3f}",
                done,
                refused.sum(),
                cpu / 1000,
                nanos / 1e9);
    }

    private void pair(Random random, CountDownLatch ended) {
        if (over) {
            ended.countDown();
            return;
        }
        var id = ClusterScene.id(random);
        var organization = organizations.get(random.nextInt(organizations.size()));
        holdAndSettle(organization, id)
                .onComplete(settled -> {
                    if (settled.succeeded()) {
                        pairs.increment();
                    } else {
                        refused.increment();
                        IO.println("refused after " + sinceGo() + ": " + settled.cause());
                    }
                    pair(random, ended);
                });
    }

    private Future<List<Command.Settled>> holdAndSettle(String organization, UUID id) {
        return books.hold(organization, new HoldRequest(id, 1, ASK, charges, facts))
                .compose(result -> {
                    if (result instanceof Command.Full) {
                        // Rows come faster than they are booked: a pair takes as long as its turn.
                        return vertx.timer(FULL_MILLIS)
                                .compose(_ -> holdAndSettle(organization, id));
                    }
                    if (!(result instanceof Command.Held)) {
                        throw new IllegalStateException(result.toString());
                    }
                    return books.settle(organization, id, ClusterScene.USED, ClusterScene.OUTCOME);
                });
    }

    /// Makes the book read its counters. Of nodes that begin at once, the later can be refused: the
    /// sums in PostgreSQL do not move with rows that it never sees. Then the book has them.
    private Future<List<Command.Settled>> firstPair(String organization) {
        return holdAndSettle(organization, ClusterScene.id(new Random()))
                .recover(_ -> firstPair(organization));
    }

    private Duration sinceGo() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /// One for all, and others for each of some user, key and so on.
    private static BudgetCharge charge(long budget) {
        var limits =
                new Limits(
                        1L << 40,
                        Limits.NONE_SET,
                        Limits.NONE_SET,
                        Limits.NONE_SET,
                        Limits.NONE_SET);
        return new BudgetCharge(
                new CounterKey(new UUID(0, budget), budget == 1 ? "" : "u" + budget, 0),
                "budget-" + budget,
                Long.MAX_VALUE,
                limits,
                limits,
                0,
                List.of(800, 1000),
                "reject");
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
