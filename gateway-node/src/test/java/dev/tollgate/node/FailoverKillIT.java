package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.check.GatewayAdmin;
import dev.tollgate.loadtest.check.GatewayBooks;
import dev.tollgate.loadtest.check.LedgerRow;
import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.loadtest.provider.BillLine;
import dev.tollgate.loadtest.provider.Distribution;
import dev.tollgate.loadtest.provider.SimulatedProvider;
import dev.tollgate.loadtest.provider.Timing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A node that is killed while calls move from one provider to another; both keep their bills.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailoverKillIT {

    private static final int CALLS = 80;
    private static final String BUDGET = "everyone";
    private static final String TOKEN = "test-admin-token-0123456789";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(2);

    @TempDir static Path data;

    private final SimulatedProvider first = SimulatedProvider.start();
    private final SimulatedProvider second = SimulatedProvider.start();
    private NodeProcess node;

    @BeforeAll
    void start() throws IOException {
        Files.writeString(
                data.resolve("tollgate.yaml"),
                """
                providers:
                  - {name: first-openai, type: openai, base_url: "%s", credential: env:FIRST_KEY}
                  - {name: first-anthropic, type: anthropic, base_url: "%s/v1", credential: env:FIRST_KEY}
                """
                        .formatted(first.openAiBaseUrl(), first.anthropicBaseUrl()));
        node = startNode().ready();
        new GatewayAdmin(node.admin(), TOKEN)
                .put(
                        "/admin/v1/organizations/local/budgets/" + BUDGET,
                        """
                        {"period": "total",
                         "limits": {"requests": 100000, "output_tokens": 10000000}}
                        """);
    }

    @AfterAll
    void stop() throws IOException {
        node.close();
        first.close();
        second.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void every_attempt_of_a_killed_node_is_booked_once_and_every_request_at_most_once(long seed) {
        var random = new Random(seed);
        first.always(_ -> failing(random));
        second.always(answering());
        var before = second.modelCalls().size();

        try (var calls = new CallsInFlight(node.gateway())) {
            for (var call = 0; call < CALLS; call++) {
                calls.send(call, "u" + call % 10);
            }
            var some = 3 + new Random(seed).nextInt(CALLS / 3);
            await("some moved on", () -> second.modelCalls().size() - before >= some);
            node.kill();
            assertThat(calls.ended()).hasSize(CALLS);
        }
        node = startNode().ready();

        await("all is billed", this::allBilled);
        var until = System.nanoTime() + PATIENCE.toNanos();
        var books = books();
        var report = Checker.tolerant().check(bill(), books);
        while (!report.agrees() && System.nanoTime() < until) {
            books = books();
            report = Checker.tolerant().check(bill(), books);
        }
        assertThat(report.agrees()).as(report.toString()).isTrue();
        var requests =
                books.rows().stream()
                        .collect(
                                Collectors.groupingBy(
                                        LedgerRow::requestId,
                                        Collectors.summingInt(LedgerRow::requests)));
        assertThat(requests.values()).allMatch(count -> count <= 1);
        assertThat(books.rows())
                .extracting(row -> row.requestId() + " " + row.attempt())
                .doesNotHaveDuplicates();
        assertThat(books.rows()).extracting(LedgerRow::attempt).contains(2L);
    }

    private static Behaviour failing(Random random) {
        return random.nextInt(6) == 0
                ? generates(1, CallsInFlight.OUTPUT_TOKENS_MAX)
                : answers(random.nextBoolean() ? 503 : 429);
    }

    private static Behaviour answering() {
        return generates(1, CallsInFlight.OUTPUT_TOKENS_MAX)
                .timed(
                        new Timing(
                                Distribution.uniform(Duration.ZERO, Duration.ofMillis(200)),
                                Distribution.fixed(Duration.ofMillis(1))));
    }

    private boolean allBilled() {
        return first.bill().size() == first.modelCalls().size()
                && second.bill().size() == second.modelCalls().size();
    }

    private List<BillLine> bill() {
        var bill = new ArrayList<>(first.bill());
        bill.addAll(second.bill());
        return bill;
    }

    private GatewayBooks books() {
        return GatewayBooks.read(new GatewayAdmin(node.admin(), TOKEN), List.of(BUDGET));
    }

    private NodeProcess startNode() {
        return NodeProcess.start(
                Map.ofEntries(
                        Map.entry("TOLLGATE_CONFIG", data.resolve("tollgate.yaml").toString()),
                        Map.entry("TOLLGATE_DATA", data.toString()),
                        Map.entry("TOLLGATE_PORT", "0"),
                        Map.entry("TOLLGATE_ADMIN_PORT", "0"),
                        Map.entry("TOLLGATE_ADMIN_TOKEN", TOKEN),
                        Map.entry("FIRST_KEY", "sk-first"),
                        Map.entry("OPENAI_API_KEY", "sk-second"),
                        Map.entry("OPENAI_BASE_URL", second.openAiBaseUrl()),
                        Map.entry("ANTHROPIC_API_KEY", "sk-second"),
                        Map.entry("ANTHROPIC_BASE_URL", second.anthropicBaseUrl())));
    }

    private static void await(String what, BooleanSupplier condition) {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            LockSupport.parkNanos(POLL.toNanos());
        }
    }
}
