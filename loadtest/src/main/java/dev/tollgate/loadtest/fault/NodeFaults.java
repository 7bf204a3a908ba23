package dev.tollgate.loadtest.fault;

import java.time.Duration;
import java.util.ArrayList;

/// Nodes that die, stop and start.
final class NodeFaults {

    private static final int STREAMS = 200;
    private static final int STREAMS_OF_OTHERS = 20;
    private static final long PROBES_UNDER_WAY = 3;
    private static final int KILLED = 137;
    private static final int TERMINATED = 143;
    private static final Duration STREAMS_BEGIN = Duration.ofSeconds(30);
    private static final Duration READY_MAX = Duration.ofSeconds(90);
    private static final Duration ORPHANS_MAX = Duration.ofSeconds(25);

    private NodeFaults() {}

    /// SIGKILL with 200 live streams; streams of other nodes must not notice.
    static Injection kill(Scene scene) {
        var victim = scene.someNode();
        var others = scene.cluster().others(victim);
        var doomed = scene.streams(victim, STREAMS);
        var surviving = new ArrayList<Clients.Running>();
        others.forEach(node -> surviving.addAll(scene.streams(node, STREAMS_OF_OTHERS)));
        var begun = Scene.awaitLive(Scene.both(doomed, surviving), STREAMS, STREAMS_BEGIN);
        begun &= Scene.awaitLive(doomed, STREAMS, STREAMS_BEGIN);
        var live = Scene.live(doomed);
        var exit = scene.kill(victim);
        var broken = Scene.count(surviving, record -> !record.isAcknowledged());
        scene.require(broken == 0, "streams of other nodes go on: " + broken + " broke");
        Scene.count(doomed, _ -> true);
        if (!others.isEmpty()) {
            awaitOrphans(scene);
        }
        victim.start();
        return Injection.proved(
                begun && exit == KILLED,
                "%s, %d streams live at the kill, exit %d".formatted(victim, live, exit));
    }

    /// Survivors settle what a dead node held, before it is back.
    private static void awaitOrphans(Scene scene) {
        scene.traffic().stop();
        var settled = Wait.until(ORPHANS_MAX, () -> scene.stage().held() <= PROBES_UNDER_WAY);
        scene.require(
                settled, "survivors settle a dead node's holds: " + scene.stage().held() + " left");
    }

    /// SIGSTOP, and waking as if nothing had been.
    static Injection pause(Scene scene, Duration time) {
        var victim = scene.someNode();
        var streams = scene.streams(victim, STREAMS_OF_OTHERS);
        var begun = Scene.awaitLive(streams, STREAMS_OF_OTHERS, STREAMS_BEGIN);
        victim.pause();
        Wait.pause(time);
        var state = victim.state();
        victim.resume();
        scene.require(
                Wait.until(READY_MAX, victim::isReady), "a node that wakes becomes ready again");
        Scene.count(streams, _ -> true);
        return Injection.proved(
                begun && state == 'T',
                "%s, state %s for %d s with %d streams"
                        .formatted(victim, state, time.toSeconds(), STREAMS_OF_OTHERS));
    }

    /// SIGKILL to all nodes, with streams.
    static Injection allKilled(Scene scene) {
        var streams = new ArrayList<Clients.Running>();
        scene.cluster()
                .nodes()
                .forEach(node -> streams.addAll(scene.streams(node, STREAMS_OF_OTHERS)));
        var begun = Scene.awaitLive(streams, streams.size(), STREAMS_BEGIN);
        var exits = scene.cluster().nodes().parallelStream().map(scene::kill).toList();
        scene.cluster().startAll();
        scene.require(scene.cluster().awaitReady(READY_MAX), "all nodes start again");
        Scene.count(streams, _ -> true);
        return Injection.proved(
                begun && exits.stream().allMatch(exit -> exit == KILLED),
                "%d streams live, exits %s".formatted(streams.size(), exits));
    }

    /// All nodes restart in order; then first requests reach all of them at once, on a budget that
    /// is used in part.
    static Injection coldReseed(Scene scene) {
        var budget = scene.budget(120, "total");
        var nodes = scene.cluster().nodes();
        var before = new ArrayList<Clients.Running>();
        for (int i = 0; i < 60; i++) {
            before.add(scene.call(nodes.get(i % nodes.size()), budget));
        }
        var admitted = Scene.count(before, record -> record.status() == 200);
        var exits = nodes.parallelStream().map(GatewayNode::stop).toList();
        scene.cluster().startAll();
        scene.require(scene.cluster().awaitReady(READY_MAX), "all nodes start again");
        var after = new ArrayList<Clients.Running>();
        for (int i = 0; i < 300; i++) {
            after.add(scene.call(nodes.get(i % nodes.size()), budget));
        }
        admitted += Scene.count(after, record -> record.status() == 200);
        scene.require(
                admitted == budget.requests(),
                "a budget of %d admits %d over a restart: %d"
                        .formatted(budget.requests(), budget.requests(), admitted));
        return Injection.proved(
                exits.stream().allMatch(exit -> exit == TERMINATED),
                "all stopped in order, exits %s, 300 requests at once after".formatted(exits));
    }

    /// One node after another is taken from the balancer, stopped, started and put back, while
    /// clients call and stream: none of them notices.
    static Injection rollingRestart(Scene scene) {
        var seenBefore = scene.traffic().records().size();
        var streams = new ArrayList<Clients.Running>();
        var exits = new ArrayList<Integer>();
        for (var node : scene.cluster().nodes()) {
            streams.addAll(scene.streams(node, STREAMS_OF_OTHERS));
            Scene.awaitLive(streams, STREAMS_OF_OTHERS, STREAMS_BEGIN);
            scene.stage().balancer().takeOut(node);
            exits.add(node.stop());
            node.start();
            scene.require(
                    Wait.until(READY_MAX, node::isReady), node + " is ready after its restart");
            scene.stage().balancer().putBack(node);
        }
        var broken = Scene.count(streams, record -> !record.isAcknowledged());
        scene.require(broken == 0, "streams finish while their node drains: " + broken + " broke");
        scene.traffic().stop();
        var records = scene.traffic().records();
        var failed =
                records.subList(seenBefore, records.size()).stream()
                        .filter(record -> !record.isAcknowledged() && record.status() != 429)
                        .toList();
        scene.require(
                failed.isEmpty(),
                "no request fails: "
                        + failed.size()
                        + " did"
                        + failed.stream().findFirst().map(first -> ", " + first).orElse(""));
        return Injection.proved(
                exits.stream().allMatch(exit -> exit == TERMINATED),
                "each stopped in order, exits %s, %d calls meanwhile"
                        .formatted(exits, records.size() - seenBefore));
    }

    /// SIGKILL to two nodes at once: the owner and the backup of a book may both be gone.
    static Injection twoKilled(Scene scene) {
        var survivor = scene.someNode();
        var victims = scene.cluster().others(survivor).subList(0, 2);
        var streams = new ArrayList<Clients.Running>();
        victims.forEach(node -> streams.addAll(scene.streams(node, STREAMS_OF_OTHERS)));
        var begun = Scene.awaitLive(streams, streams.size(), STREAMS_BEGIN);
        var exits = victims.parallelStream().map(scene::kill).toList();
        Wait.pause(Duration.ofSeconds(12));
        victims.forEach(GatewayNode::start);
        Scene.count(streams, _ -> true);
        return Injection.proved(
                begun && exits.stream().allMatch(exit -> exit == KILLED),
                "%s with %d streams, exits %s".formatted(victims, streams.size(), exits));
    }

    /// A node dies while another joins and books move.
    static Injection killedWhileJoining(Scene scene) {
        var joining = scene.someNode();
        var others = scene.cluster().others(joining);
        var victim = others.get(scene.random().nextInt(others.size()));
        var stopped = joining.stop();
        joining.start();
        var up = Wait.until(READY_MAX, joining::isLive);
        Wait.pause(Duration.ofMillis(scene.random().nextInt(1_500)));
        var exit = scene.kill(victim);
        Wait.pause(Duration.ofSeconds(10));
        victim.start();
        return Injection.proved(
                up && exit == KILLED,
                "%s joining (exit %d before), %s killed".formatted(joining, stopped, victim));
    }

    /// A node sleeps, another dies, and the first wakes.
    static Injection killedWhilePaused(Scene scene) {
        var sleeper = scene.someNode();
        var victim = scene.cluster().others(sleeper).getFirst();
        sleeper.pause();
        var state = sleeper.state();
        Wait.pause(Duration.ofSeconds(2));
        var exit = scene.kill(victim);
        Wait.pause(Duration.ofSeconds(12));
        sleeper.resume();
        victim.start();
        return Injection.proved(
                state == 'T' && exit == KILLED,
                "%s in state %s, %s killed meanwhile".formatted(sleeper, state, victim));
    }
}
