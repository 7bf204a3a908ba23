package dev.tollgate.node.cluster;

import com.sun.management.OperatingSystemMXBean;
import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Ask;
import dev.tollgate.budget.Books.HoldRequest;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Limits;
import dev.tollgate.node.store.LedgerStore;
import io.vertx.core.internal.VertxInternal;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/// Measures pairs of hold and settle a second, with the journal on and two budgets a request; run
/// by hand. PostgreSQL is left out: the ledger takes everything at once, so that only this node's
/// own work counts.
final class HoldSettleBenchmark {

    private static final int IN_FLIGHT = 64;
    private static final Limits LIMITS =
            new Limits(
                    1L << 40, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET);

    private static final Ask ASK = new Ask(1, 10, 0, 5, 5, 1, 0);
    private static final List<BudgetCharge> CHARGES = List.of(charge(1, ""), charge(2, "u7"));
    private static final byte[] FACTS =
            ClusterScene.request(new UUID(0, 0), CHARGES, "attempt").facts();

    private HoldSettleBenchmark() {}

    static void main(String[] arguments) throws Exception {
        var seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
        var directory = Files.createTempDirectory("tollgate-benchmark");
        var store = new EverTakingStore();
        var grid = arguments.length > 1 && "grid".equals(arguments[1]);
        try (var scene = grid ? new ClusterScene(directory, store) : alone(directory, store)) {
            run(scene, Duration.ofSeconds(5), false);
            run(scene, Duration.ofSeconds(seconds), true);
            IO.println(scene.books.gauges());
        }
    }

    private static ClusterScene alone(Path directory, LedgerStore store) {
        return new ClusterScene(
                ClusterSettings.ALONE,
                directory,
                store,
                JournalSettings.DEFAULT,
                incarnation -> Grants.always(1, incarnation));
    }

    private static void run(ClusterScene scene, Duration length, boolean told)
            throws InterruptedException {
        var until = System.nanoTime() + length.toNanos();
        var pairs = new AtomicLong();
        var done = new CountDownLatch(IN_FLIGHT);
        var refused = new AtomicLong();
        var cpuBefore = cpuNanos();
        var before = System.nanoTime();
        for (var loop = 0; loop < 2; loop++) {
            var random = new Random(System.nanoTime());
            var context = ((VertxInternal) scene.vertx).createEventLoopContext();
            for (var i = 0; i < IN_FLIGHT / 2; i++) {
                context.runOnContext(_ -> pair(scene, random, until, pairs, refused, done));
            }
        }
        done.await();
        var nanos = System.nanoTime() - before;
        var cpu = cpuNanos() - cpuBefore;
        if (told) {
            IO.println(
                    String.format(
                            Locale.ROOT,
                            "%,.0f pairs/s, %.1f us CPU each, %d refused, %d pairs",
                            pairs.get() * 1e9 / nanos,
                            cpu / 1e3 / pairs.get(),
                            refused.get(),
                            pairs.get()));
        }
    }

    private static void pair(
            ClusterScene scene,
            Random random,
            long until,
            AtomicLong pairs,
            AtomicLong refused,
            CountDownLatch done) {
        if (System.nanoTime() > until) {
            done.countDown();
            return;
        }
        var id = ClusterScene.id(random);
        var request = new HoldRequest(id, 1, ASK, CHARGES, FACTS);
        scene.books
                .hold(ClusterScene.ORGANIZATION, request)
                .compose(result -> {
                    if (!(result instanceof Command.Held)) {
                        refused.incrementAndGet();
                    }
                    return scene.books.settle(
                            ClusterScene.ORGANIZATION, id, ClusterScene.USED, ClusterScene.OUTCOME);
                })
                .onComplete(ended -> {
                    if (ended.succeeded()) {
                        pairs.incrementAndGet();
                    } else {
                        refused.incrementAndGet();
                    }
                    pair(scene, random, until, pairs, refused, done);
                });
    }

    private static BudgetCharge charge(long budget, String subject) {
        return new BudgetCharge(
                new CounterKey(new UUID(0, budget), subject, 0),
                "budget-" + budget,
                Long.MAX_VALUE,
                LIMITS,
                LIMITS,
                0,
                List.of(800, 1000),
                "reject");
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /// Books everything at no cost.
    private static final class EverTakingStore implements LedgerStore {

        @Override
        public Opened openBook(String organization, long term) {
            return new Opened(1, term, 1);
        }

        @Override
        public long bookTerm(String organization) {
            return 0;
        }

        @Override
        public long book(String organization, long epoch, long term, byte[] entries) {
            return lastSeq(entries);
        }

        @Override
        public long reject(
                String organization, long epoch, long term, long seq, byte[] entry, String error) {
            return seq;
        }

        @Override
        public Sums sums(String organization, List<CounterKey> counters) {
            return new Sums(1, 0, Map.<CounterKey, Amounts>of());
        }

        @Override
        public Set<UUID> booked(String organization, Collection<UUID> ids) {
            return Set.of();
        }

        @Override
        public Set<UUID> settled(String organization, Collection<UUID> ids) {
            return Set.of();
        }

        @Override
        public long nowMicros() {
            return System.currentTimeMillis() * 1000;
        }

        private static long lastSeq(byte[] entries) {
            var text = new String(entries, StandardCharsets.ISO_8859_1);
            var at = text.lastIndexOf("{\"seq\":") + 7;
            return Long.parseLong(text.substring(at, text.indexOf(',', at)));
        }
    }
}
