package dev.tollgate.loadtest.fault;

import dev.tollgate.loadtest.provider.Dialect;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Clients of all kinds that call through the load balancer, a few at a time, until told to stop.
final class Traffic {

    private static final int WORKERS = 8;
    private static final int USERS = 10;
    private static final int PAUSE_MILLIS = 150;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration END_MAX = Duration.ofSeconds(60);

    private final Clients clients;
    private final URI origin;
    private final List<String> keys;
    private final String tag;
    private final List<HardBudget> budgets;
    private final List<Thread> workers = new ArrayList<>();
    private final List<CallRecord> records = new ArrayList<>();
    private volatile boolean stopped;

    /// @param budgets whose users are among the callers
    Traffic(Stage stage, String tag, List<HardBudget> budgets) {
        this.clients = stage.clients();
        this.origin = stage.balancer().origin();
        this.keys = stage.keys();
        this.tag = tag;
        this.budgets = budgets;
    }

    void start(SplittableRandom random) {
        for (int i = 0; i < WORKERS; i++) {
            var own = random.split();
            workers.add(Thread.ofVirtual().name("traffic-" + i).start(() -> work(own)));
        }
    }

    private void work(SplittableRandom random) {
        while (!stopped) {
            var record = clients.send(call(random)).await(END_MAX);
            synchronized (records) {
                records.add(record);
            }
            Wait.pause(Duration.ofMillis(random.nextInt(PAUSE_MILLIS)));
        }
    }

    private ClientCall call(SplittableRandom random) {
        var capped = !budgets.isEmpty() && random.nextInt(2) == 0;
        var budget = capped ? budgets.get(random.nextInt(budgets.size())).name() : "";
        return new ClientCall(
                origin,
                "balancer",
                keys.get(random.nextInt(keys.size())),
                capped ? budget : "u" + random.nextInt(USERS),
                random.nextBoolean() ? Dialect.OPENAI : Dialect.ANTHROPIC,
                random.nextBoolean(),
                capped ? budget : tag,
                PATIENCE);
    }

    /// Begins nothing new and waits for what runs.
    void stop() {
        stopped = true;
        for (var worker : workers) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    List<CallRecord> records() {
        synchronized (records) {
            return List.copyOf(records);
        }
    }
}
