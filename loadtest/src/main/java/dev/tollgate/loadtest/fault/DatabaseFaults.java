package dev.tollgate.loadtest.fault;

import java.sql.SQLException;
import java.time.Duration;

/// PostgreSQL that is away, slow or cuts its clients off.
final class DatabaseFaults {

    private static final Duration AWAY = Duration.ofSeconds(20);

    private DatabaseFaults() {}

    /// It keeps its connections and answers nothing; requests go on.
    static Injection frozen(Scene scene) {
        var postgres = scene.stage().postgres();
        var since = System.nanoTime();
        postgres.freeze();
        var state = postgres.state();
        var answers = postgres.answers();
        Wait.pause(AWAY);
        requireService(scene, since);
        postgres.thaw();
        return Injection.proved(
                state == 'T' && !answers,
                "state %s for %d s, answered: %s".formatted(state, AWAY.toSeconds(), answers));
    }

    /// It dies and comes back; requests go on.
    static Injection killed(Scene scene) {
        var postgres = scene.stage().postgres();
        var since = System.nanoTime();
        postgres.kill();
        Wait.pause(AWAY);
        var answers = postgres.answers();
        requireService(scene, since);
        postgres.startAgain();
        return Injection.proved(
                !answers, "killed, %d s later answered: %s".formatted(AWAY.toSeconds(), answers));
    }

    private static void requireService(Scene scene, long since) {
        var admitted = scene.probe().admittedSince(since + Duration.ofSeconds(5).toNanos());
        scene.require(admitted > 0, "requests go on without PostgreSQL: " + admitted + " admitted");
    }

    /// Its sessions end in the middle of what they do, again and again.
    static Injection commitsCut(Scene scene) {
        var cut = 0;
        for (int i = 0; i < 60; i++) {
            Wait.pause(Duration.ofMillis(100 + scene.random().nextInt(300)));
            try {
                cut += scene.stage().postgres().cutSessions();
            } catch (SQLException _) {
                // Not this time.
            }
        }
        return Injection.proved(cut > 0, cut + " sessions ended");
    }

    /// It runs a tenth of the time.
    static Injection slow(Scene scene) {
        var postgres = scene.stage().postgres();
        var stops = 0;
        var end = System.nanoTime() + AWAY.toNanos();
        while (System.nanoTime() < end) {
            postgres.freeze();
            stops += postgres.state() == 'T' ? 1 : 0;
            Wait.pause(Duration.ofMillis(450));
            postgres.thaw();
            Wait.pause(Duration.ofMillis(50));
        }
        return Injection.proved(stops > 0, stops + " times stopped for 450 ms");
    }

    /// It is away, and a node dies with what it could not book.
    static Injection killedWithANode(Scene scene) {
        var postgres = scene.stage().postgres();
        postgres.kill();
        Wait.pause(Duration.ofSeconds(5));
        var victim = scene.someNode();
        var exit = scene.kill(victim);
        Wait.pause(Duration.ofSeconds(5));
        var answers = postgres.answers();
        postgres.startAgain();
        victim.start();
        return Injection.proved(
                !answers && exit == 137,
                "PostgreSQL killed, then %s, exit %d".formatted(victim, exit));
    }
}
