package dev.tollgate.loadtest.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Everything one machine can do.
final class LongSet {

    private static final String NO_CLOCK =
            "a clock that jumps takes a library that lies about it (faketime), and nodes read"
                    + " PostgreSQL's";
    private static final String NO_DISK = "full and failing disks are tried by the journal's tests";

    private LongSet() {}

    static List<Fault> faults() {
        var faults = new ArrayList<>(ShortSet.faults());
        faults.addAll(
                List.of(
                        Fault.of(
                                "pause-30",
                                1,
                                scene -> NodeFaults.pause(scene, Duration.ofSeconds(30))),
                        Fault.of(
                                "pause-60",
                                2,
                                scene -> NodeFaults.pause(scene, Duration.ofSeconds(60))),
                        Fault.of("two-killed", 3, NodeFaults::twoKilled),
                        Fault.of("killed-while-joining", 3, NodeFaults::killedWhileJoining),
                        Fault.of("killed-while-paused", 3, NodeFaults::killedWhilePaused),
                        Fault.ofNetwork("all-apart", 3, NetworkFaults::allApart),
                        Fault.ofNetwork("one-way", 3, NetworkFaults::oneWay),
                        Fault.ofNetwork("flapping", 3, NetworkFaults::flapping),
                        Fault.ofNetwork("packet-loss", 2, NetworkFaults::packetLoss),
                        Fault.ofNetwork("cut-off", 2, NetworkFaults::cutOff),
                        Fault.ofNetwork("database-cut-off", 1, NetworkFaults::databaseCutOff),
                        Fault.of("commits-cut", 1, DatabaseFaults::commitsCut),
                        Fault.of("postgres-slow", 1, DatabaseFaults::slow),
                        Fault.of("postgres-and-node-killed", 2, DatabaseFaults::killedWithANode),
                        Fault.of("clients-leave", 1, LimitFaults::clientsLeave),
                        Fault.impossible("clock-jump", NO_CLOCK),
                        Fault.impossible("journal-disk-full", NO_DISK),
                        Fault.impossible(
                                "database-restored-earlier",
                                "takes a backup's tools, which the embedded binaries lack")));
        return List.copyOf(faults);
    }
}
