package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.lease.LeaseChange;
import dev.tollgate.lease.LeaseKeeper;
import dev.tollgate.lease.View;
import dev.tollgate.node.store.PostgresLeaseStore;
import dev.tollgate.schema.Database;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lease of real members, found by their addresses, in a real PostgreSQL.
class AdmissionLeaseIT {

    private static final Duration SOON = Duration.ofSeconds(8);
    private static final Duration CONNECTION = Duration.ofSeconds(1);

    @TempDir private static Path data;
    private static Database database;

    @TempDir private Path journals;
    private final List<String> addresses = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    @BeforeAll
    static void startPostgres() {
        database = Database.embedded(data, ClusterScene.BINARIES);
    }

    @AfterAll
    static void stopPostgres() {
        database.close();
    }

    @BeforeEach
    void forgetTheLease() throws SQLException {
        try (var connection = database.dataSource().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(
                    "update admission_lease set members = '{}', effective_at = now(), expires_at ="
                            + " now()");
        }
    }

    @BeforeEach
    void chooseAddresses() throws IOException {
        for (var i = 0; i < 3; i++) {
            try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                addresses.add("127.0.0.1:" + socket.getLocalPort());
            }
        }
    }

    @AfterEach
    void stop() {
        nodes.forEach(Node::crash);
    }

    @Test
    void the_lease_follows_who_joins_who_leaves_and_who_dies() {
        var first = new Node(0);
        assertActIn(first);
        var terms = new CopyOnWriteArrayList<Long>();
        first.lease.onTerm(grant -> terms.add(grant.term()));
        var second = new Node(1);
        assertActIn(first, second);
        var third = new Node(2);
        assertActIn(first, second, third);

        third.leave();

        assertThat(third.lease.now()).isNull();
        assertActIn(first, second);

        first.crash();

        assertActIn(second);
        assertThat(second.lease.state()).isEqualTo(LeaseKeeper.State.HELD);
        assertThat(terms).hasSizeGreaterThanOrEqualTo(3).isSorted().doesNotHaveDuplicates();
    }

    /// All these, and nobody else, act in one term.
    private static void assertActIn(Node... members) {
        var incarnations = Stream.of(members).map(node -> node.incarnation).toList();
        var done =
                within(
                        SOON,
                        () ->
                                Stream.of(members)
                                                        .map(node -> node.lease.now())
                                                        .filter(Objects::nonNull)
                                                        .filter(grant ->
                                                                grant.members()
                                                                                .containsAll(
                                                                                        incarnations)
                                                                        && grant.members().size()
                                                                                == members.length)
                                                        .map(Grants.Grant::term)
                                                        .distinct()
                                                        .count()
                                                == 1
                                        && Stream.of(members)
                                                .allMatch(node -> node.lease.now() != null));
        assertThat(done)
                .as(() ->
                        Stream.of(members)
                                .map(node -> node.lease.state() + " " + node.lease.now())
                                .toList()
                                .toString())
                .isTrue();
    }

    @Test
    void a_node_that_boots_apart_waits_until_the_lease_of_others_has_run_out() {
        var other = UUID.randomUUID();
        var self = UUID.randomUUID();
        try (var store = store();
                var lease = lease(self, List.of(self))) {
            hold(store, other);
            lease.start();

            assertThat(within(Duration.ofSeconds(2), () -> lease.now() != null)).isFalse();
            assertThat(lease.state()).isEqualTo(LeaseKeeper.State.WAITING);

            assertThat(within(Duration.ofSeconds(8), () -> lease.now() != null)).isTrue();
            assertThat(lease.state()).isEqualTo(LeaseKeeper.State.HELD);
        }
    }

    @Test
    void a_book_of_a_later_term_ends_a_grant() {
        var self = UUID.randomUUID();
        try (var lease = lease(self, List.of(self))) {
            lease.start();
            assertThat(within(Duration.ofSeconds(10), () -> lease.now() != null)).isTrue();
            var term = Objects.requireNonNull(lease.now()).term();

            lease.outdated(term + 3);

            assertThat(
                            within(
                                    SOON,
                                    () ->
                                            Optional.ofNullable(lease.now())
                                                    .filter(grant -> grant.term() == term + 4)
                                                    .isPresent()))
                    .isTrue();
        }
    }

    private static void hold(PostgresLeaseStore store, UUID holder) {
        var row = store.read();
        var change =
                new LeaseChange(
                        row.stamp(),
                        row.term() + 1,
                        holder,
                        List.of(holder),
                        List.of(),
                        List.of(),
                        0,
                        false,
                        false,
                        Duration.ZERO,
                        false);
        assertThat(store.write(change)).isPresent();
    }

    private static AdmissionLease lease(UUID self, List<UUID> seen) {
        return new AdmissionLease(
                store(), () -> new View(self, seen), System::nanoTime, false, Duration.ZERO);
    }

    private static PostgresLeaseStore store() {
        return new PostgresLeaseStore(() -> database.connect("test", CONNECTION));
    }

    private static boolean within(Duration limit, BooleanSupplier condition) {
        for (var until = System.nanoTime() + limit.toNanos(); System.nanoTime() < until; ) {
            if (condition.getAsBoolean()) {
                return true;
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
        return condition.getAsBoolean();
    }

    /// As much of a node as keeps the lease.
    private final class Node {

        final UUID incarnation = UUID.randomUUID();
        final ClusterMember member;
        final AdmissionLease lease;
        private final Holdings holdings;
        private boolean ended;

        Node(int number) {
            var journal = BooksSettings.of(journals.resolve(Integer.toString(number)));
            holdings = Holdings.open(journal, incarnation);
            var port = addresses.get(number).substring("127.0.0.1:".length());
            member =
                    ClusterMember.start(
                            new ClusterSettings(
                                    "lease",
                                    "127.0.0.1",
                                    Integer.parseInt(port),
                                    addresses,
                                    Optional.empty()),
                            holdings);
            lease = new AdmissionLease(store(), member.membership(), System::nanoTime, false);
            lease.start();
            nodes.add(this);
        }

        void leave() {
            lease.leave();
            member.close();
            end();
        }

        void crash() {
            if (!ended) {
                lease.close();
                member.terminate();
                end();
            }
        }

        private void end() {
            ended = true;
            lease.close();
            holdings.close();
        }
    }
}
