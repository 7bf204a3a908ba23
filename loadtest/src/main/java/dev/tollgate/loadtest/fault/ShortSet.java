package dev.tollgate.loadtest.fault;

import java.time.Duration;
import java.util.List;

/// The faults of every build.
final class ShortSet {

    private ShortSet() {}

    static List<Fault> faults() {
        return List.of(
                Fault.of("kill", 1, NodeFaults::kill).within(Duration.ofSeconds(5)),
                Fault.ofNetwork(
                        "partition-lone-holder", 3, scene -> NetworkFaults.partition(scene, true)),
                Fault.ofNetwork(
                        "partition-lone-other", 3, scene -> NetworkFaults.partition(scene, false)),
                Fault.of("pause", 1, scene -> NodeFaults.pause(scene, Duration.ofSeconds(12))),
                Fault.of("postgres-frozen", 1, DatabaseFaults::frozen),
                Fault.of("postgres-killed", 1, DatabaseFaults::killed),
                Fault.ofNetwork("boots-isolated", 2, NetworkFaults::bootsIsolated),
                Fault.of("all-killed", 1, NodeFaults::allKilled),
                Fault.of("duplicates", 1, LimitFaults::duplicates),
                Fault.of("exactly-100", 1, LimitFaults::exactly100),
                Fault.of("window-edge", 1, LimitFaults::windowEdge),
                Fault.of("cold-reseed", 1, NodeFaults::coldReseed),
                Fault.of("rolling-restart", 2, NodeFaults::rollingRestart));
    }
}
