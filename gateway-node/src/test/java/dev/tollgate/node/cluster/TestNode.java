package dev.tollgate.node.cluster;

import dev.tollgate.budget.Books.HoldRequest;
import dev.tollgate.budget.Command;
import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.node.store.PostgresLeaseStore;
import dev.tollgate.schema.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/// The quota parts of one of several nodes that share a PostgreSQL: a member on a port of its own,
/// its lease, its journal, its books.
final class TestNode implements AutoCloseable {

    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration DRAIN = Duration.ofSeconds(20);

    final Vertx vertx = Vertx.vertx();
    final Holdings holdings;
    final ClusterMember member;
    final AdmissionLease lease;
    final HazelcastBooks books;

    /// @param journal a directory of this node's own
    TestNode(ClusterSettings cluster, Path journal, Database database, Duration holdTimeout) {
        this(cluster, journal, database, ClusterScene.storeOn(database), holdTimeout);
    }

    TestNode(
            ClusterSettings cluster,
            Path journal,
            Database database,
            LedgerStore store,
            Duration holdTimeout) {
        var settings =
                new BooksSettings(journal, JournalSettings.DEFAULT, holdTimeout, SETTLE_TIMEOUT);
        holdings = Holdings.open(settings, UUID.randomUUID());
        member = ClusterMember.start(cluster, holdings);
        lease =
                new AdmissionLease(
                        new PostgresLeaseStore(
                                () -> database.connect("lease", Duration.ofSeconds(1))),
                        member.membership(),
                        System::nanoTime,
                        false);
        lease.start();
        books =
                HazelcastBooks.start(
                        new HazelcastBooks.Parts(
                                vertx,
                                member,
                                holdings,
                                store,
                                new DatabaseClock(System::nanoTime, store::nowMicros),
                                System::nanoTime,
                                lease),
                        settings);
    }

    UUID incarnation() {
        return holdings.incarnation();
    }

    Future<Command.HoldResult> hold(String organization, HoldRequest request) {
        return books.hold(organization, request);
    }

    Future<List<Command.Settled>> settle(String organization, UUID id) {
        return books.settle(organization, id, ClusterScene.USED, ClusterScene.OUTCOME);
    }

    void drain() {
        if (!books.drain(DRAIN)) {
            throw new AssertionError("not everything is booked");
        }
    }

    /// As after a kill: nothing more is sent, booked or handed over. The journal's files stay.
    void kill() {
        member.terminate();
        lease.close();
        books.close();
        holdings.close();
        ClusterScene.await(vertx.close());
    }

    /// Leaves as a node does that is told to stop and has no request left.
    @Override
    public void close() {
        if (!books.drain(DRAIN)) {
            throw new AssertionError("not everything is booked");
        }
        lease.leave();
        books.close();
        lease.close();
        ClusterScene.await(vertx.close());
        member.close();
        holdings.close();
    }
}
