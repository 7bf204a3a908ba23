package dev.tollgate.loadtest.fault;

import dev.tollgate.loadtest.provider.Dialect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A small call through the load balancer ten times a second, whatever became of the one before, to
/// see how long nothing is admitted.
final class Probe {

    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration END_MAX = Duration.ofSeconds(60);
    private static final double NANOS = 1e9;

    private final Stage stage;
    private final String tag;
    private final List<Clients.Running> probes = new ArrayList<>();
    private final Thread thread;
    private volatile boolean stopped;

    Probe(Stage stage, String tag) {
        this.stage = stage;
        this.tag = tag;
        this.thread = Thread.ofVirtual().name("probe").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!stopped) {
            var call =
                    new ClientCall(
                            stage.balancer().origin(),
                            "balancer",
                            stage.keys().getFirst(),
                            "probe",
                            Dialect.OPENAI,
                            false,
                            tag,
                            PATIENCE);
            synchronized (probes) {
                probes.add(stage.clients().send(call));
            }
            Wait.pause(INTERVAL);
        }
    }

    void stop() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        probes.forEach(probe -> probe.await(END_MAX));
    }

    /// Probes answered.
    long admitted() {
        return admittedSince(Long.MIN_VALUE);
    }

    /// Probes sent since `nanos` on the monotonic clock that were answered.
    long admittedSince(long nanos) {
        synchronized (probes) {
            return probes.stream()
                    .map(Clients.Running::future)
                    .filter(future -> future.succeeded() && isAdmitted(future.result(), nanos))
                    .count();
        }
    }

    private static boolean isAdmitted(CallRecord record, long since) {
        return record.status() == 200 && record.sentNanos() >= since;
    }

    /// The longest time without an answer, in seconds, from the first probe to the last.
    double longestGapSeconds() {
        var records = probes.stream().map(probe -> probe.await(END_MAX)).toList();
        var answered =
                records.stream()
                        .filter(record -> record.status() == 200)
                        .mapToLong(CallRecord::endedNanos)
                        .sorted()
                        .toArray();
        if (answered.length == 0) {
            return Double.POSITIVE_INFINITY;
        }
        var longest = answered[0] - records.getFirst().sentNanos();
        for (int i = 1; i < answered.length; i++) {
            longest = Math.max(longest, answered[i] - answered[i - 1]);
        }
        longest = Math.max(longest, records.getLast().sentNanos() - answered[answered.length - 1]);
        return longest / NANOS;
    }
}
