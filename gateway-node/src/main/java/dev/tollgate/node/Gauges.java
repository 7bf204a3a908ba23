package dev.tollgate.node;

import dev.tollgate.lease.LeaseKeeper;
import dev.tollgate.node.cluster.AdmissionLease;
import dev.tollgate.node.cluster.BooksGauges;
import dev.tollgate.node.telemetry.Metrics;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Shows the state of the books in the metrics.
final class Gauges {

    private Gauges() {}

    /// Those of this node's part in the admission lease.
    static void register(Metrics metrics, AdmissionLease lease) {
        metrics.gauge(
                "tollgate_lease_granted",
                "Whether this node may admit requests.",
                () -> lease.now() == null ? 0 : 1);
        metrics.gauge(
                "tollgate_lease_held",
                "Whether this node renews the admission lease.",
                () -> lease.state() == LeaseKeeper.State.HELD ? 1 : 0);
        metrics.gauge(
                "tollgate_lease_term",
                "The newest term of the admission lease this node has read.",
                lease::term);
        metrics.gauge(
                "tollgate_cluster_members",
                "Nodes this node sees, itself among them.",
                lease::membersSeen);
        metrics.counter(
                "tollgate_lease_unanswered_total",
                "Questions about the admission lease that PostgreSQL did not answer.",
                lease::failedReads);
    }

    static void register(Metrics metrics, Supplier<BooksGauges> gauges, LongSupplier drifts) {
        metrics.gauge(
                "tollgate_holds_open",
                "Holds of requests in flight.",
                () -> gauges.get().openHolds());
        metrics.gauge(
                "tollgate_outbox_entries",
                "Settled and not yet in the ledger.",
                () -> gauges.get().outboxEntries());
        metrics.gauge(
                "tollgate_outbox_bytes",
                "Bytes of what is settled and not yet in the ledger.",
                () -> gauges.get().outboxBytes());
        metrics.gauge(
                "tollgate_outbox_age_seconds",
                "Since when something waits to be booked.",
                () -> gauges.get().unbookedAge().toSeconds());
        metrics.gauge(
                "tollgate_counters", "Budget counters in memory.", () -> gauges.get().counters());
        metrics.gauge(
                "tollgate_settlements_waiting",
                "Settlements the quota state has not taken yet.",
                () -> gauges.get().settlesWaiting());
        metrics.counter(
                "tollgate_ledger_rejected_total",
                "Rows the ledger could not take.",
                () -> gauges.get().rejectedRows());
        metrics.gauge(
                "tollgate_journal_bytes",
                "Bytes of the journal on disk.",
                () -> gauges.get().journal().bytes());
        metrics.gauge(
                "tollgate_reconciliation_drift",
                "Sums beside the ledger that are not what it says, when last compared.",
                drifts);
    }
}
