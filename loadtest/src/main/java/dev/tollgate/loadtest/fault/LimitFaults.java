package dev.tollgate.loadtest.fault;

import dev.tollgate.loadtest.provider.Dialect;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Random;

/// Too many at once.
final class LimitFaults {

    private static final int DUPLICATES = 1_000;
    private static final int CROWD = 10_000;
    private static final int ADMITTED = 100;
    private static final int AT_ONCE = 500;
    private static final int SECONDS_PER_MINUTE = 60;

    private LimitFaults() {}

    /// A thousand times the very same call at once: each is answered, billed and booked once.
    static Injection duplicates(Scene scene) {
        var tag = scene.name() + " same";
        var nodes = scene.cluster().nodes();
        var calls = new ArrayList<Clients.Running>();
        for (int i = 0; i < DUPLICATES; i++) {
            var node = nodes.get(i % nodes.size());
            calls.add(scene.call(node.gateway(), node.name(), "same", tag));
        }
        var answered = Scene.count(calls, CallRecord::isAcknowledged);
        var sent = scene.stage().upstream().calls(tag);
        scene.require(answered == DUPLICATES, "all are answered: " + answered);
        scene.require(sent == answered, "each reaches the provider once: " + sent);
        return Injection.proved(answered > 0, DUPLICATES + " alike at once");
    }

    /// Ten thousand requests to all nodes on a budget of a hundred.
    static Injection exactly100(Scene scene) {
        var budget = scene.budget(ADMITTED, "total");
        var nodes = scene.cluster().nodes();
        var admitted = 0L;
        var refused = 0L;
        for (int sent = 0; sent < CROWD; sent += AT_ONCE) {
            var calls = new ArrayList<Clients.Running>();
            for (int i = 0; i < AT_ONCE; i++) {
                calls.add(scene.call(nodes.get(i % nodes.size()), budget));
            }
            admitted += Scene.count(calls, record -> record.status() == 200);
            refused += Scene.count(calls, record -> record.status() == 429);
        }
        var reached = scene.stage().upstream().calls(budget.name());
        scene.require(reached == ADMITTED, "exactly 100 reach the provider: " + reached);
        scene.require(admitted == ADMITTED, "exactly 100 are answered: " + admitted);
        scene.require(refused == CROWD - ADMITTED, "all others are refused by 429: " + refused);
        return Injection.proved(
                refused > 0, CROWD + " requests, " + AT_ONCE + " at a time, on all nodes");
    }

    /// More than a minute's budget admits, on all nodes, from before its reset to after it.
    static Injection windowEdge(Scene scene) {
        var budget = scene.budget(60, "minute");
        var nodes = scene.cluster().nodes();
        var second = second();
        Wait.pause(Duration.ofSeconds(Math.floorMod(53 - second, SECONDS_PER_MINUTE)));
        var from = Instant.now();
        var calls = new ArrayList<Clients.Running>();
        for (int i = 0; i < 600; i++) {
            calls.add(scene.call(nodes.get(i % nodes.size()), budget));
            Wait.pause(Duration.ofMillis(25));
        }
        var until = Instant.now();
        var admitted = Scene.count(calls, record -> record.status() == 200);
        scene.require(
                admitted == 2 * budget.requests(),
                "two windows of %d are used up: %d".formatted(budget.requests(), admitted));
        return Injection.proved(
                from.getEpochSecond() / SECONDS_PER_MINUTE
                                != until.getEpochSecond() / SECONDS_PER_MINUTE
                        && admitted < calls.size(),
                "%d requests from %s to %s".formatted(calls.size(), from, until));
    }

    private static int second() {
        return (int) (Instant.now().getEpochSecond() % SECONDS_PER_MINUTE);
    }

    /// Clients that leave at any moment of their answer.
    static Injection clientsLeave(Scene scene) {
        var calls = new ArrayList<Clients.Running>();
        var random = new Random(scene.random().nextLong());
        for (int i = 0; i < 200; i++) {
            calls.add(
                    scene.stage()
                            .clients()
                            .send(
                                    new ClientCall(
                                            scene.stage().balancer().origin(),
                                            "balancer",
                                            scene.key(i),
                                            "leaver" + i % 10,
                                            i % 2 == 0 ? Dialect.OPENAI : Dialect.ANTHROPIC,
                                            i % 3 != 0,
                                            scene.name() + " " + ClientCall.SLOWLY,
                                            Duration.ofMillis(1 + random.nextInt(5_000)))));
        }
        var left = Scene.count(calls, record -> !record.whole());
        return Injection.proved(left > 0, left + " left early");
    }
}
