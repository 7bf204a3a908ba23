package dev.tollgate.loadtest.fault;

import java.time.Duration;
import java.util.ArrayList;

/// Packets that do not arrive.
final class NetworkFaults {

    private static final Duration APART = Duration.ofSeconds(15);
    private static final Duration NOTICED_MAX = Duration.ofSeconds(20);
    private static final Duration READY_MAX = Duration.ofSeconds(60);
    private static final int LOST_PERCENT = 15;

    private NetworkFaults() {}

    /// One node and the others no longer hear each other; all reach PostgreSQL and the providers.
    ///
    /// @param loneHolds whether the lone node is the one that holds the lease
    static Injection partition(Scene scene, boolean loneHolds) {
        var lone = scene.someNode(loneHolds);
        var held = Lease.isHeldBy(lone);
        return apart(
                scene,
                lone,
                "%s %s the lease".formatted(lone, held ? "held" : "did not hold"),
                held == loneHolds);
    }

    private static Injection apart(Scene scene, GatewayNode lone, String what, boolean asWanted) {
        var network = scene.network();
        var postgres = scene.stage().postgres();
        var others = scene.cluster().others(lone);
        var streams = scene.streams(lone, 10);
        var before = Lease.read(postgres);
        others.forEach(other -> network.cut(lone.index(), other.index()));
        var after = Lease.awaitLater(postgres, before, others.size(), NOTICED_MAX);
        var unready = Wait.until(NOTICED_MAX, () -> !lone.isReady());
        Wait.pause(APART);
        var dropped = network.dropped();
        network.heal();
        scene.require(
                scene.cluster().awaitReady(READY_MAX), "all nodes are ready when it has healed");
        Scene.count(streams, _ -> true);
        return Injection.proved(
                asWanted && unready && dropped > 0 && Lease.isLater(after, before, others.size()),
                "%s, %d packets dropped, %s -> %s, %s"
                        .formatted(
                                what,
                                dropped,
                                Lease.told(before),
                                Lease.told(after),
                                unready ? "it was not ready" : "it stayed ready"));
    }

    /// Every node alone.
    static Injection allApart(Scene scene) {
        var nodes = scene.cluster().nodes();
        var postgres = scene.stage().postgres();
        var before = Lease.read(postgres);
        for (var one : nodes) {
            for (var other : nodes) {
                if (one != other) {
                    scene.network().cutOneWay(one.index(), other.index());
                }
            }
        }
        var after = Lease.awaitLater(postgres, before, 1, NOTICED_MAX);
        Wait.pause(APART);
        var dropped = scene.network().dropped();
        scene.network().heal();
        scene.require(
                scene.cluster().awaitReady(READY_MAX), "all nodes are ready when it has healed");
        return Injection.proved(
                dropped > 0 && Lease.isLater(after, before, 1),
                "%d packets dropped, %s -> %s"
                        .formatted(dropped, Lease.told(before), Lease.told(after)));
    }

    /// A node hears another, and is not heard.
    static Injection oneWay(Scene scene) {
        var deaf = scene.someNode();
        for (var other : scene.cluster().others(deaf)) {
            scene.network().cutOneWay(other.index(), deaf.index());
        }
        Wait.pause(APART.plusSeconds(10));
        var dropped = scene.network().dropped();
        scene.network().heal();
        scene.require(
                scene.cluster().awaitReady(READY_MAX), "all nodes are ready when it has healed");
        return Injection.proved(
                dropped > 0, "%s hears nobody, %d packets dropped".formatted(deaf, dropped));
    }

    /// Apart and together again, faster than anybody can settle down.
    static Injection flapping(Scene scene) {
        var lone = scene.someNode();
        var dropped = 0L;
        var times = 6;
        for (int i = 0; i < times; i++) {
            for (var other : scene.cluster().others(lone)) {
                scene.network().cut(lone.index(), other.index());
            }
            Wait.pause(Duration.ofMillis(1_000 + scene.random().nextInt(6_000)));
            dropped += scene.network().dropped();
            scene.network().heal();
            Wait.pause(Duration.ofMillis(500 + scene.random().nextInt(4_000)));
        }
        return Injection.proved(
                dropped > 0, "%s %d times, %d packets dropped".formatted(lone, times, dropped));
    }

    static Injection packetLoss(Scene scene) {
        scene.cluster().nodes().forEach(node -> scene.network().lose(node.index(), LOST_PERCENT));
        Wait.pause(APART.plusSeconds(5));
        var dropped = scene.network().dropped();
        scene.network().heal();
        return Injection.proved(
                dropped > 0,
                "%d %% between nodes, %d packets dropped".formatted(LOST_PERCENT, dropped));
    }

    /// A node reaches neither the others nor PostgreSQL, but clients and providers.
    static Injection cutOff(Scene scene) {
        var lone = scene.someNode();
        scene.network().cutDatabase(lone.index(), PostgresServer.PORT);
        return apart(scene, lone, lone + " without PostgreSQL, too", true);
    }

    /// A node reaches the others, but not PostgreSQL.
    static Injection databaseCutOff(Scene scene) {
        var lone = scene.someNode();
        scene.network().cutDatabase(lone.index(), PostgresServer.PORT);
        Wait.pause(APART);
        var dropped = scene.network().dropped();
        scene.network().heal();
        return Injection.proved(
                dropped > 0, "%s without PostgreSQL, %d packets dropped".formatted(lone, dropped));
    }

    /// A node that starts without hearing anybody admits nothing, and joins when it can.
    static Injection bootsIsolated(Scene scene) {
        var lone = scene.someNode();
        lone.stop();
        for (var other : scene.cluster().others(lone)) {
            scene.network().cut(lone.index(), other.index());
        }
        lone.start();
        var live = Wait.until(READY_MAX, lone::isLive);
        var calls = new ArrayList<Clients.Running>();
        for (int i = 0; i < 50; i++) {
            calls.add(scene.call(lone, scene.budgets().getFirst()));
            Wait.pause(Duration.ofMillis(100));
        }
        var ready = lone.isReady();
        var dropped = scene.network().dropped();
        scene.network().heal();
        var admitted = Scene.count(calls, record -> record.status() == 200);
        scene.require(Wait.until(READY_MAX, lone::isReady), "an isolated node joins when it can");
        return Injection.proved(
                live && !ready && dropped > 0,
                "%s live and not ready, %d packets dropped, %d of %d calls admitted"
                        .formatted(lone, dropped, admitted, calls.size()));
    }
}
