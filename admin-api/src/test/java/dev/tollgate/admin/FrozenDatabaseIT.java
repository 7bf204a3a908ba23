package dev.tollgate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// PostgreSQL keeps its connections and answers nothing.
final class FrozenDatabaseIT {

    private static final Duration LIMIT = Duration.ofMillis(6500);
    private static final String BUDGET = "{\"period\":\"day\",\"limits\":{\"requests\":5}}";

    @Test
    void calls_are_answered_within_about_five_seconds_and_work_again_when_it_wakes()
            throws Exception {
        var server = AdminServer.another();
        var client = server.client(server.organization());
        client.put("budgets/before", BUDGET).expect(201);
        var calls =
                List.<Callable<AdminClient.Reply>>of(
                        () -> client.get("budgets"),
                        () -> client.put("budgets/during", BUDGET),
                        () -> client.get("ledger"),
                        () -> client.post("reconciliation", "{\"repair\": true}"),
                        () -> client.get("usage"),
                        () -> client.get("keys"),
                        () -> client.get("alerts"),
                        () -> client.get("budgets/before/usage"));

        signal(server, "-STOP");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var began = System.nanoTime();
            for (var reply : threads.invokeAll(calls).stream().map(Future::resultNow).toList()) {
                assertThat(reply.expect(503).problem()).isEqualTo("database-away");
                assertThat(reply.header("retry-after")).isEqualTo("1");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LIMIT);
            client.get("/health/live").expect(200);
        } finally {
            signal(server, "-CONT");
        }

        assertThat(untilAnswered(client).items()).hasSizeBetween(1, 2);
        client.put("budgets/after", BUDGET).expect(201);
    }

    /// Connections that were given up are replaced.
    private static AdminClient.Reply untilAnswered(AdminClient client) {
        var reply = client.get("budgets");
        for (var tries = 0; tries < 10 && reply.status() == 503; tries++) {
            reply = client.get("budgets");
        }
        return reply.expect(200);
    }

    private static void signal(AdminServer server, String signal)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("kill", signal));
        var postmaster = server.postmaster();
        command.add(Long.toString(postmaster.pid()));
        postmaster.children().forEach(child -> command.add(Long.toString(child.pid())));
        assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    }
}
