package dev.tollgate.node.cluster;

import static dev.tollgate.node.cluster.ClusterScene.ORGANIZATION;
import static dev.tollgate.node.cluster.ClusterScene.OUTCOME;
import static dev.tollgate.node.cluster.ClusterScene.USED;
import static dev.tollgate.node.cluster.ClusterScene.await;
import static dev.tollgate.node.cluster.ClusterScene.request;
import static dev.tollgate.node.cluster.ClusterScene.requestLimit;
import static dev.tollgate.node.cluster.ClusterScene.softLimit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.node.store.LedgerStoreException;
import dev.tollgate.problem.Refusal;
import dev.tollgate.schema.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HazelcastBooksIT {

    @TempDir static Path data;
    private static Database database;

    @TempDir Path journal;
    private final Random random = new Random(11);
    private FailingStore store;

    @BeforeAll
    static void startDatabase() {
        database = Database.embedded(data, ClusterScene.BINARIES);
    }

    @AfterAll
    static void stopDatabase() {
        database.close();
    }

    @BeforeEach
    void emptyLedger() {
        store = new FailingStore(ClusterScene.storeOn(database));
        database.dsl()
                .execute(
                        "set session_replication_role = replica; delete from ledger; delete from"
                                + " ledger_rejected; delete from budget_windows; delete from"
                                + " usage_hourly; delete from alerts; delete from books; set"
                                + " session_replication_role = origin");
    }

    @Test
    void of_a_thousand_parallel_holds_on_a_limit_of_fifty_exactly_fifty_are_taken() {
        try (var scene = new ClusterScene(journal, store)) {
            var holds = new ArrayList<Future<Command.HoldResult>>();
            var ids = new ArrayList<UUID>();
            for (var i = 0; i < 1000; i++) {
                var id = ClusterScene.id(random);
                ids.add(id);
                holds.add(scene.books.hold(ORGANIZATION, request(id, List.of(requestLimit(50)))));
            }
            var results = holds.stream().map(ClusterScene::await).toList();

            assertThat(results).hasOnlyElementsOfTypes(Command.Held.class, Command.Exhausted.class);
            var held = new ArrayList<UUID>();
            for (var i = 0; i < ids.size(); i++) {
                if (results.get(i) instanceof Command.Held) {
                    held.add(ids.get(i));
                }
            }
            assertThat(held).hasSize(50);

            held.forEach(id -> assertThat(scene.settle(id)).hasSize(1));
            scene.drain();

            assertThat(ledgerIds()).containsExactlyInAnyOrderElementsOf(held);
            assertThat(windowSum()).isEqualTo(new Amounts(50, 500, 250, 350));
            assertThat(posted(scene, requestLimit(50))).isEqualTo(new Amounts(50, 500, 250, 350));
            assertThat(thresholds()).containsExactlyInAnyOrder(800, 1000);
        }
        assertThat(journalFiles()).isEmpty();
    }

    @Test
    void futures_complete_on_the_callers_context() throws Exception {
        try (var scene = new ClusterScene(journal, store)) {
            var context = scene.vertx.getOrCreateContext();
            var seen = new CompletableFuture<Boolean>();
            var id = ClusterScene.id(random);

            context.runOnContext(_ ->
                    scene.books
                            .hold(ORGANIZATION, request(id, List.of(requestLimit(5))))
                            .compose(_ -> scene.books.settle(ORGANIZATION, id, USED, OUTCOME))
                            .onComplete(
                                    _ -> seen.complete(context.equals(Vertx.currentContext()))));

            assertThat(seen.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_repeated_settlement_gets_the_first_result_and_books_once() {
        try (var scene = new ClusterScene(journal, store)) {
            var id = ClusterScene.id(random);
            scene.hold(request(id, List.of(requestLimit(5))));

            var settled = new ArrayList<Future<List<Command.Settled>>>();
            for (var i = 0; i < 1000; i++) {
                settled.add(scene.books.settle(ORGANIZATION, id, USED, OUTCOME));
            }

            var results = settled.stream().map(ClusterScene::await).distinct().toList();
            assertThat(results.getFirst()).hasSize(1);
            scene.drain();
            assertThat(ledgerIds()).containsExactly(id);
            assertThat(windowSum()).isEqualTo(USED);
        }
    }

    @Test
    void counters_go_on_from_the_ledger_after_a_restart() {
        settleSome(7);

        try (var scene = new ClusterScene(journal, store)) {
            assertThat(posted(scene, requestLimit(10))).isEqualTo(times(7));
            for (var i = 0; i < 3; i++) {
                assertThat(scene.hold(request(ClusterScene.id(random), List.of(requestLimit(10)))))
                        .isInstanceOf(Command.Held.class);
            }
            assertThat(scene.hold(request(ClusterScene.id(random), List.of(requestLimit(10)))))
                    .isInstanceOf(Command.Exhausted.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void after_crashes_at_any_point_the_ledger_is_complete_and_nothing_is_doubled(long seed) {
        var chance = new Random(seed);
        var settled = new ArrayList<UUID>();
        var open = new ArrayList<UUID>();
        var charges = List.of(requestLimit(100_000));

        for (var life = 0; life < 3; life++) {
            var scene = new ClusterScene(journal, store);
            open.removeIf(settled::contains);
            var calls = chance.nextInt(120);
            for (var i = 0; i < calls; i++) {
                var id = ClusterScene.id(chance);
                assertThat(scene.hold(request(id, charges))).isInstanceOf(Command.Held.class);
                open.add(id);
                if (chance.nextInt(4) > 0) {
                    if (chance.nextBoolean()) {
                        assertThat(scene.settle(id)).hasSize(1);
                    } else {
                        var _ = scene.books.settle(ORGANIZATION, id, USED, OUTCOME);
                    }
                    settled.add(id);
                }
            }
            scene.crash();
        }

        try (var scene = new ClusterScene(journal, store)) {
            scene.drain();
            var all = new ArrayList<>(settled);
            open.stream().filter(id -> !settled.contains(id)).forEach(all::add);
            assertThat(ledgerIds()).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(all);
            var requests = all.size();
            // An orphan is settled for its hold, which is as large as what is used here, but for
            // the cost.
            assertThat(windowSum())
                    .isEqualTo(
                            new Amounts(
                                    requests, requests * 10L, requests * 5L, settled.size() * 7L));
            assertThat(posted(scene, charges.getFirst())).isEqualTo(windowSum());
        }
        assertThat(journalFiles()).isEmpty();
    }

    @Test
    void with_postgresql_away_requests_go_on_and_are_booked_when_it_is_back() {
        try (var scene = new ClusterScene(journal, store)) {
            scene.hold(request(ClusterScene.id(random), List.of(requestLimit(1000))));
            store.away = true;

            var ids = new ArrayList<UUID>();
            for (var i = 0; i < 100; i++) {
                var id = ClusterScene.id(random);
                assertThat(scene.hold(request(id, List.of(requestLimit(1000)))))
                        .isInstanceOf(Command.Held.class);
                assertThat(scene.settle(id)).hasSize(1);
                ids.add(id);
            }
            assertThat(ledgerIds()).isEmpty();

            store.away = false;
            scene.drain();
            assertThat(ledgerIds()).containsExactlyInAnyOrderElementsOf(ids);
        }
    }

    @Test
    void with_postgresql_away_a_cold_hard_budget_refuses_and_a_soft_one_goes_on() {
        settleSome(1);
        try (var scene = new ClusterScene(journal, store)) {
            assertThat(scene.books.open(ORGANIZATION, Duration.ofSeconds(20))).isTrue();
            store.away = true;

            assertThatThrownBy(() ->
                            scene.hold(
                                    request(ClusterScene.id(random), List.of(requestLimit(1000)))))
                    .isInstanceOf(Refusal.class);
            assertThat(scene.hold(request(ClusterScene.id(random), List.of(softLimit()))))
                    .isInstanceOf(Command.Held.class);

            store.away = false;
        }
    }

    @Test
    void a_row_the_ledger_cannot_take_is_set_aside_and_the_rest_is_booked() {
        try (var scene = new ClusterScene(journal, store)) {
            var good = new ArrayList<UUID>();
            var charges = List.of(requestLimit(1000));
            var first = ClusterScene.id(random);
            scene.hold(request(first, charges));
            scene.settle(first);
            good.add(first);
            store.away = true;
            for (var i = 0; i < 200; i++) {
                var id = ClusterScene.id(random);
                var poisoned = i == 77 || i == 150;
                scene.hold(request(id, charges, poisoned ? "no such kind" : "attempt"));
                if (i == 120) {
                    await(
                            scene.books.settle(
                                    ORGANIZATION, id, USED, new byte[] {'"', (byte) 0xFF, 1}));
                } else {
                    scene.settle(id);
                    if (!poisoned) {
                        good.add(id);
                    }
                }
            }
            store.away = false;
            scene.drain();

            assertThat(ledgerIds()).containsExactlyInAnyOrderElementsOf(good);
            assertThat(database.dsl().fetchCount(DSL.table("ledger_rejected"))).isEqualTo(3);
            assertThat(scene.books.gauges().rejectedRows()).isEqualTo(3);
        }
        assertThat(journalFiles()).isEmpty();
    }

    @Test
    void without_budgets_a_request_is_held_and_booked_all_the_same() {
        try (var scene = new ClusterScene(journal, store)) {
            var id = ClusterScene.id(random);

            assertThat(scene.hold(request(id, List.of()))).isInstanceOf(Command.Held.class);
            assertThat(scene.settle(id)).hasSize(1);

            scene.drain();
            assertThat(ledgerIds()).containsExactly(id);
        }
    }

    private void settleSome(int count) {
        try (var scene = new ClusterScene(journal, store)) {
            for (var i = 0; i < count; i++) {
                var id = ClusterScene.id(random);
                scene.hold(request(id, List.of(requestLimit(1000))));
                scene.settle(id);
            }
            scene.drain();
        }
    }

    private static Amounts times(int count) {
        return new Amounts(count, count * 10L, count * 5L, count * 7L);
    }

    private static Amounts posted(ClusterScene scene, BudgetCharge charge) {
        return await(scene.books.standings(ORGANIZATION, List.of(charge))).getFirst().posted();
    }

    private static List<UUID> ledgerIds() {
        return database.dsl().fetch("select id from ledger").getValues(0, UUID.class);
    }

    private static List<Integer> thresholds() {
        return database.dsl().fetch("select threshold from alerts").getValues(0, Integer.class);
    }

    private static Amounts windowSum() {
        var row =
                Objects.requireNonNull(
                        database.dsl()
                                .fetchOne(
                                        "select requests, input_tokens, output_tokens,"
                                            + " cost_nano_usd from budget_windows where budget_id ="
                                            + " ?",
                                        ClusterScene.BUDGET));
        return new Amounts(
                row.get(0, Long.class),
                row.get(1, Long.class),
                row.get(2, Long.class),
                row.get(3, Long.class));
    }

    private List<Path> journalFiles() {
        return Files.exists(journal)
                ? JournalReplay.read(journal, new UUID(0, 0)).files()
                : List.of();
    }

    /// The real store, which can be told to be away.
    private static final class FailingStore implements LedgerStore {

        private final LedgerStore real;
        volatile boolean away;

        FailingStore(LedgerStore real) {
            this.real = real;
        }

        private LedgerStore store() {
            if (away) {
                throw new LedgerStoreException(
                        LedgerStoreException.Reason.UNAVAILABLE,
                        "away for a test",
                        new SQLException("away"));
            }
            return real;
        }

        @Override
        public Opened openBook(String organization, long term) {
            return store().openBook(organization, term);
        }

        @Override
        public long bookTerm(String organization) {
            return store().bookTerm(organization);
        }

        @Override
        public long book(String organization, long epoch, long term, byte[] entries) {
            return store().book(organization, epoch, term, entries);
        }

        @Override
        public long reject(
                String organization, long epoch, long term, long seq, byte[] entry, String error) {
            return store().reject(organization, epoch, term, seq, entry, error);
        }

        @Override
        public Sums sums(String organization, List<CounterKey> counters) {
            return store().sums(organization, counters);
        }

        @Override
        public Set<UUID> booked(String organization, Collection<UUID> ids) {
            return store().booked(organization, ids);
        }

        @Override
        public Set<UUID> settled(String organization, Collection<UUID> ids) {
            return store().settled(organization, ids);
        }

        @Override
        public long nowMicros() {
            return store().nowMicros();
        }
    }
}
