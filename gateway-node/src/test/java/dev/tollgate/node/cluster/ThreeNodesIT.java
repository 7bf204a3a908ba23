package dev.tollgate.node.cluster;

import static dev.tollgate.node.cluster.ClusterScene.await;
import static dev.tollgate.node.cluster.ClusterScene.request;
import static dev.tollgate.node.cluster.ClusterScene.requestLimit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Books.HoldRequest;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.schema.Database;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes in one process: one PostgreSQL, a member, lease and journal each.
class ThreeNodesIT {

    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final Duration AS_IN_PRODUCTION = Duration.ofSeconds(3);
    private static final int PORTS = 4;

    @TempDir static Path data;
    private static Database database;

    private final Random random = new Random(5);
    private final List<TestNode> nodes = new ArrayList<>();
    private final String name = UUID.randomUUID().toString();
    private List<Integer> ports = List.of();
    private String organization = "";

    @BeforeAll
    static void startDatabase() {
        database = Database.embedded(data, ClusterScene.BINARIES);
    }

    @AfterAll
    static void stopDatabase() {
        database.close();
    }

    @BeforeEach
    void prepare(TestInfo test) {
        organization = test.getTestMethod().orElseThrow().getName();
        database.dsl().execute("insert into organizations (name) values (?)", organization);
        ports = freePorts();
    }

    @AfterEach
    void killTheRest() {
        nodes.forEach(TestNode::kill);
        nodes.clear();
        database.dsl().execute("truncate budget_windows");
        database.dsl().execute("update admission_lease set members = '{}'");
    }

    @Test
    void of_ten_thousand_holds_on_a_limit_of_a_hundred_exactly_a_hundred_are_taken() {
        startThree(PATIENT);
        var charges = List.of(requestLimit(100));
        var ids = new ArrayList<UUID>();
        var answers = new ArrayList<Future<Command.HoldResult>>();

        for (var i = 0; i < 10_000; i++) {
            var id = ClusterScene.id(random);
            ids.add(id);
            answers.add(nodes.get(i % 3).hold(organization, request(id, charges)));
        }

        var held = new ArrayList<Integer>();
        for (var i = 0; i < ids.size(); i++) {
            var result = await(answers.get(i));
            assertThat(result).isInstanceOfAny(Command.Held.class, Command.Exhausted.class);
            if (result instanceof Command.Held) {
                held.add(i);
            }
        }
        assertThat(held).hasSize(100);
        held.forEach(i -> await(nodes.get(i % 3).settle(organization, ids.get(i))));
        nodes.forEach(TestNode::drain);
        assertThat(ledger("provider"))
                .containsExactlyInAnyOrderElementsOf(held.stream().map(ids::get).toList());
        for (var node : nodes) {
            assertThat(posted(node, charges.getFirst())).isEqualTo(windowSum());
        }
    }

    @Test
    void a_configuration_of_one_node_is_asked_for_by_the_others() {
        startThree(PATIENT);
        var first = request(ClusterScene.id(random), List.of(requestLimit(5)));
        assertThat(await(nodes.get(1).hold(organization, first))).isInstanceOf(Command.Held.class);

        await(nodes.get(0).books.configure(organization, 2));

        for (var node : nodes) {
            var old = request(ClusterScene.id(random), List.of(requestLimit(5)));
            assertThat(await(node.hold(organization, old))).isEqualTo(new Command.Stale(2));
            assertThat(await(node.hold(organization, ofVersion(2, old))))
                    .isInstanceOf(Command.Held.class);
        }
    }

    @Test
    void what_a_killed_node_held_becomes_orphans_and_its_late_truths_corrections() {
        startThree(PATIENT);
        var charges = List.of(requestLimit(1000));
        var dying = nodes.get(2);
        var settled = holds(dying, 5, charges);
        settled.forEach(id -> assertThat(await(dying.settle(organization, id))).hasSize(1));
        var untold = holds(dying, 6, charges);
        var open = holds(dying, 9, charges);
        untold.forEach(id -> assertThat(journalSettlement(dying, id)).isTrue());

        nodes.removeLast().kill();
        var others = new ArrayList<UUID>();
        for (var node : nodes) {
            var held = holds(node, 10, charges);
            held.forEach(id -> assertThat(await(node.settle(organization, id))).hasSize(1));
            others.addAll(held);
        }

        var gone = new ArrayList<>(untold);
        gone.addAll(open);
        eventually(() -> ledger("orphan").containsAll(gone));
        nodes.forEach(TestNode::drain);
        assertThat(ledger("orphan")).containsExactlyInAnyOrderElementsOf(gone);
        assertThat(ledger("provider")).containsAll(settled).containsAll(others);
        // Orphans are settled for what was held, which is what is used here, but for the cost.
        assertThat(windowSum()).isEqualTo(new Amounts(40, 400, 200, 25 * 7));
        assertThat(posted(nodes.getFirst(), charges.getFirst())).isEqualTo(windowSum());

        start(2, PATIENT);
        eventually(() -> corrected().size() == untold.size());
        nodes.forEach(TestNode::drain);
        assertThat(corrected()).containsExactlyInAnyOrderElementsOf(untold);
        assertThat(windowSum()).isEqualTo(new Amounts(40, 400, 200, 31 * 7));
        for (var node : nodes) {
            assertThat(posted(node, charges.getFirst())).isEqualTo(windowSum());
        }
        nodes.removeLast().close();
        assertThat(journalsOf(2)).isEmpty();
    }

    @Test
    void attempts_follow_each_other_whoever_has_the_book() {
        startThree(PATIENT);
        var charges = List.of(requestLimit(30));
        var firsts = new ArrayList<UUID>();
        var seconds = new ArrayList<UUID>();
        for (var node : nodes) {
            for (var first : holds(node, 10, charges)) {
                var second = request(ClusterScene.id(random), charges);
                firsts.add(first);
                seconds.add(second.id());
                assertThat(await(next(node, first, second)).hold())
                        .isInstanceOf(Command.Held.class);
            }
        }
        for (var i = 0; i < 20; i++) {
            assertThat(await(nodes.get(i / 10).settle(organization, seconds.get(i)))).hasSize(1);
        }

        nodes.removeLast().kill();
        await(nodes.getFirst().hold(organization, request(ClusterScene.id(random), charges)));
        var open = seconds.subList(20, 30);
        eventually(() -> ledger("orphan").containsAll(open));
        nodes.forEach(TestNode::drain);

        assertThat(ledger("orphan")).containsExactlyInAnyOrderElementsOf(open);
        var settled = new ArrayList<>(firsts);
        settled.addAll(seconds.subList(0, 20));
        assertThat(ledger("provider")).containsExactlyInAnyOrderElementsOf(settled);
        assertThat(windowSum()).isEqualTo(new Amounts(30, 600, 300, 50 * 7));
        assertThat(posted(nodes.getFirst(), charges.getFirst())).isEqualTo(windowSum());
    }

    @Test
    void nodes_leave_and_join_while_others_work_and_nothing_is_refused() {
        startThree(AS_IN_PRODUCTION);
        var charges = List.of(requestLimit(1_000_000));
        try (var traffic = new Traffic(charges)) {
            traffic.through(nodes.get(0));
            traffic.through(nodes.get(1));
            traffic.awaitMore(200);

            nodes.removeLast().close();
            traffic.awaitMore(200);
            start(3, AS_IN_PRODUCTION);
            traffic.through(nodes.getLast());
            traffic.awaitMore(200);

            // The one that holds the lease.
            traffic.spare(nodes.getFirst());
            nodes.removeFirst().close();
            traffic.awaitMore(200);
            traffic.stop();

            assertThat(traffic.failures).isEmpty();
            nodes.forEach(TestNode::drain);
            assertThat(ledger("provider"))
                    .hasSize(traffic.settled.size())
                    .containsAll(traffic.settled);
            assertThat(ledger("orphan")).isEmpty();
            assertThat(posted(nodes.getFirst(), charges.getFirst())).isEqualTo(windowSum());
        }
    }

    /// Requests one after the other, a few at once through each node.
    private final class Traffic implements AutoCloseable {
        private static final int AT_ONCE = 4;

        final Collection<Throwable> failures = new ConcurrentLinkedQueue<>();
        final Set<UUID> settled = new ConcurrentSkipListSet<>();
        private final AtomicLong done = new AtomicLong();
        private final List<BudgetCharge> charges;
        private final Set<UUID> spared = new ConcurrentSkipListSet<>();
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean stopping;

        Traffic(List<BudgetCharge> charges) {
            this.charges = charges;
        }

        void through(TestNode node) {
            for (var i = 0; i < AT_ONCE; i++) {
                var seed = threads.size() + 1000L;
                threads.add(
                        Thread.ofVirtual()
                                .name(node.incarnation().toString())
                                .start(() -> run(node, new Random(seed))));
            }
        }

        private void run(TestNode node, Random ids) {
            while (!stopping && !spared.contains(node.incarnation())) {
                try {
                    var id = ClusterScene.id(ids);
                    var result = await(node.hold(organization, request(id, charges)));
                    if (!(result instanceof Command.Held)) {
                        throw new AssertionError(result);
                    }
                    var _ = await(node.settle(organization, id));
                    settled.add(id);
                    done.incrementAndGet();
                } catch (RuntimeException | AssertionError e) {
                    failures.add(e);
                    return;
                }
            }
        }

        void awaitMore(int requests) {
            var until = done.get() + requests;
            eventually(() -> done.get() >= until || !failures.isEmpty());
        }

        /// Sends nothing more through a node.
        void spare(TestNode node) {
            spared.add(node.incarnation());
            var name = node.incarnation().toString();
            threads.stream().filter(thread -> thread.getName().equals(name)).forEach(this::join);
        }

        void stop() {
            stopping = true;
            threads.forEach(this::join);
        }

        private void join(Thread thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            stop();
        }
    }

    // --- nodes ---

    private void startThree(Duration holdTimeout) {
        for (var number = 0; number < 3; number++) {
            start(number, holdTimeout);
        }
    }

    /// Waits until all nodes act together.
    private void start(int number, Duration holdTimeout) {
        var settings =
                new ClusterSettings(
                        name,
                        "127.0.0.1",
                        ports.get(number),
                        ports.stream().map(port -> "127.0.0.1:" + port).toList(),
                        Optional.empty());
        nodes.add(new TestNode(settings, journalOf(number), database, holdTimeout));
        var all = nodes.stream().map(TestNode::incarnation).toList();
        eventually(() -> nodes.stream().allMatch(node -> actsWith(node.lease.now(), all)));
    }

    private static boolean actsWith(Grants.@Nullable Grant grant, List<UUID> all) {
        return grant != null
                && grant.members().size() == all.size()
                && grant.members().containsAll(all);
    }

    private Path journalOf(int number) {
        return data.resolve(organization + "-" + number);
    }

    private List<Path> journalsOf(int number) {
        try (var files = Files.list(journalOf(number))) {
            return files.filter(file -> file.toString().endsWith(".journal")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Integer> freePorts() {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (var i = 0; i < PORTS; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            var free = sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (var socket : sockets) {
                socket.close();
            }
            return free;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // --- requests ---

    private List<UUID> holds(TestNode node, int count, List<BudgetCharge> charges) {
        var ids = new ArrayList<UUID>();
        for (var i = 0; i < count; i++) {
            var id = ClusterScene.id(random);
            assertThat(await(node.hold(organization, request(id, charges))))
                    .isInstanceOf(Command.Held.class);
            ids.add(id);
        }
        return ids;
    }

    private Future<Command.NextResult> next(TestNode node, UUID first, HoldRequest second) {
        var outcome =
                new String(ClusterScene.OUTCOME, StandardCharsets.US_ASCII) + ",\"requests\":0";
        return node.books.next(
                organization,
                first,
                new Amounts(0, 10, 5, 7),
                outcome.getBytes(StandardCharsets.US_ASCII),
                second);
    }

    private static HoldRequest ofVersion(long version, HoldRequest request) {
        return new HoldRequest(
                request.id(), version, request.ask(), request.charges(), request.facts());
    }

    /// What a node does first when it settles; the second would be to tell the book.
    private boolean journalSettlement(TestNode node, UUID id) {
        return node.holdings
                .journal()
                .appendSettle(
                        organization,
                        new Command.Settle(
                                id,
                                0,
                                System.currentTimeMillis(),
                                ClusterScene.USED,
                                ClusterScene.OUTCOME,
                                List.of()));
    }

    // --- what became of them ---

    private Amounts posted(TestNode node, BudgetCharge charge) {
        return await(node.books.standings(organization, List.of(charge))).getFirst().posted();
    }

    private List<UUID> ledger(String source) {
        return database.dsl()
                .fetch(
                        "select id from ledger where organization = ? and usage_source = ? and kind"
                                + " = 'attempt'",
                        organization,
                        source)
                .getValues(0, UUID.class);
    }

    private List<UUID> corrected() {
        return database.dsl()
                .fetch(
                        "select corrects from ledger where organization = ? and kind ="
                                + " 'correction'",
                        organization)
                .getValues(0, UUID.class);
    }

    private Amounts windowSum() {
        var row =
                Objects.requireNonNull(
                        database.dsl()
                                .fetchOne(
                                        "select requests, input_tokens, output_tokens,"
                                                + " cost_nano_usd from budget_windows where"
                                                + " organization = ? and budget_id = ?",
                                        organization,
                                        ClusterScene.BUDGET));
        return new Amounts(
                row.get(0, Long.class),
                row.get(1, Long.class),
                row.get(2, Long.class),
                row.get(3, Long.class));
    }

    private static void eventually(BooleanSupplier what) {
        var until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!what.getAsBoolean()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("not in 30 s");
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
