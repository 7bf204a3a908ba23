package dev.tollgate.node;

import static dev.tollgate.loadtest.provider.Behaviour.generates;
import static dev.tollgate.loadtest.provider.Behaviour.streams;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.check.GatewayAdmin;
import dev.tollgate.loadtest.check.GatewayBooks;
import dev.tollgate.loadtest.check.LedgerRow;
import dev.tollgate.loadtest.provider.Behaviour;
import dev.tollgate.loadtest.provider.Distribution;
import dev.tollgate.loadtest.provider.SeenRequest;
import dev.tollgate.loadtest.provider.SimulatedProvider;
import dev.tollgate.loadtest.provider.Timing;
import dev.tollgate.node.cluster.JournalReplay;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One data directory through many lives of a node that is killed with calls in flight, while the
/// provider keeps its bill.
///
/// Each test leaves a running node to the next, so that all that was ever billed is compared after
/// each kill.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KillIT {

    private static final int CALLS = 50;
    private static final int CALLS_OF_THE_CAPPED = 8;
    private static final int CAP = 12;
    private static final String CAPPED = "capped";
    private static final List<String> BUDGETS = List.of("everyone", "each", CAPPED);
    private static final String TOKEN = "test-admin-token-0123456789";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(2);

    @TempDir static Path data;

    private final SimulatedProvider provider = SimulatedProvider.start();
    private NodeProcess node;

    @BeforeAll
    void start() {
        node = startNode().ready();
        var admin = admin();
        budget(
                admin,
                "everyone",
                """
                {"period": "day", "hold": "elastic",
                 "limits": {"requests": 100000, "output_tokens": 10000000, "cost_usd": "100"}}
                """);
        budget(
                admin,
                "each",
                """
                {"per": "end_user", "period": "total",
                 "limits": {"requests": 1000, "total_tokens": 1000000}}
                """);
        budget(
                admin,
                CAPPED,
                """
                {"scope": {"end_user": "capped"}, "period": "total", "limits": {"requests": %d}}
                """
                        .formatted(CAP));
    }

    @AfterAll
    void stop() throws IOException {
        node.close();
        provider.close();
    }

    /// When the kill comes.
    enum Moment {
        BEFORE_THE_FIRST_BYTE,
        MID_STREAM,
        AT_THE_END
    }

    @Order(1)
    @ParameterizedTest
    @CsvSource({
        "BEFORE_THE_FIRST_BYTE, 1",
        "MID_STREAM, 2",
        "AT_THE_END, 3",
        "AT_THE_END, 4",
        "MID_STREAM, 5"
    })
    void what_a_killed_node_had_in_flight_is_booked_once_after_a_restart(Moment moment, long seed)
            throws Exception {
        var random = new Random(seed);

        var answered = killWithCallsInFlight(moment, random);

        assertThat(NodeProcess.postgres(data).isAlive()).as("PostgreSQL left running").isTrue();
        node = startNode().ready();
        assertNewCallsWork();
        assertBooked(answered);
        assertThat(capped(admin())).as("calls of the capped").isPositive();
    }

    @Order(2)
    @Test
    void kills_during_the_restart_lose_nothing_either() throws Exception {
        var answered = killWithCallsInFlight(Moment.AT_THE_END, new Random(6));

        for (var words : List.of("that an earlier run left", "from journals")) {
            var restarted = startNode();
            restarted.awaitLine(words);
            restarted.kill();
        }

        node = startNode().ready();
        assertNewCallsWork();
        assertBooked(answered);
    }

    @Order(3)
    @Test
    void told_to_stop_it_lets_streams_finish_and_leaves_nothing_to_replay() throws Exception {
        var gate = Promise.<Void>promise();
        provider.always(
                streams(List.of("one ", "two ", "three ", "four"), Duration.ZERO)
                        .pausesAfter(2, gate.future()));
        var before = provider.modelCalls().size();
        try (var calls = new CallsInFlight(node.gateway())) {
            for (var call = 0; call < 10; call++) {
                calls.send(2 * call, "u" + call);
            }
            await("streams have begun", () -> chunksSince(before) == 2 * 10);

            node.terminate();
            await("draining", () -> statusOf("/health/ready") == 503);
            var running = node.isAlive();
            gate.complete();

            assertThat(running).isTrue();
            assertThat(calls.ended()).hasSize(10).allMatch(CallsInFlight.Ended::whole);
            assertThat(node.exit()).as(node.output()).isEqualTo(143);
        }

        assertThat(node.output()).doesNotContain("ERROR").doesNotContain("Not everything");
        assertThat(NodeProcess.pidFile(data)).as("PostgreSQL is stopped").doesNotExist();
        var replay = JournalReplay.read(data.resolve("journal"), new UUID(0, 0));
        assertThat(replay.leftovers()).isEmpty();
        assertThat(replay.damages()).isEmpty();

        node = startNode().ready();
        assertThat(node.output()).contains(" with 0 from journals");
        assertBooked(List.of());
    }

    // --- the kill ---

    /// @return how the calls ended for their clients
    private List<CallsInFlight.Ended> killWithCallsInFlight(Moment moment, Random random) {
        var seenBefore = provider.modelCalls().size();
        var billedBefore = provider.bill().size();
        var choices = new Random(random.nextLong());
        provider.always(request -> behaviour(moment, choices));
        try (var calls = new CallsInFlight(node.gateway())) {
            for (var call = 0; call < CALLS; call++) {
                calls.send(call, "u" + call % 10);
                if (call < CALLS_OF_THE_CAPPED) {
                    calls.send(call, CAPPED);
                }
            }
            var some = 5 + random.nextInt(35);
            await(
                    moment + ", " + some,
                    switch (moment) {
                        case BEFORE_THE_FIRST_BYTE ->
                                () ->
                                        provider.modelCalls().size() - seenBefore >= CALLS
                                                && provider.bill().size() - billedBefore > 2;
                        case MID_STREAM -> () -> chunksSince(seenBefore) >= some * 10;
                        case AT_THE_END -> () -> provider.bill().size() - billedBefore >= some;
                    });
            node.kill();
            return calls.ended();
        }
    }

    private static Behaviour behaviour(Moment moment, Random random) {
        return switch (moment) {
            case BEFORE_THE_FIRST_BYTE ->
                    random.nextInt(5) == 0
                            ? generates(1, CallsInFlight.OUTPUT_TOKENS_MAX)
                            : generates(1, CallsInFlight.OUTPUT_TOKENS_MAX)
                                    .waitsFor(Promise.promise().future());
            case MID_STREAM -> streams(Collections.nCopies(40, "word "), Duration.ofMillis(10));
            case AT_THE_END ->
                    generates(1, CallsInFlight.OUTPUT_TOKENS_MAX)
                            .timed(
                                    new Timing(
                                            Distribution.uniform(
                                                    Duration.ZERO, Duration.ofMillis(300)),
                                            Distribution.fixed(Duration.ofMillis(1))));
        };
    }

    private int chunksSince(int before) {
        return provider.modelCalls().stream().skip(before).mapToInt(SeenRequest::chunksSent).sum();
    }

    // --- after it ---

    private void assertNewCallsWork() {
        provider.always(Behaviour.replies("Here I am."));
        try (var calls = new CallsInFlight(node.gateway())) {
            for (var call = 0; call < 4; call++) {
                calls.send(call, "after");
            }
            assertThat(calls.ended()).hasSize(4).allMatch(CallsInFlight.Ended::whole);
        }
    }

    private void assertBooked(List<CallsInFlight.Ended> answered) {
        await("all is billed", () -> provider.bill().size() == provider.modelCalls().size());
        var admin = admin();
        var books = GatewayBooks.read(admin, BUDGETS);
        var report = Checker.tolerant().check(provider.bill(), books);
        // What a restarted node finds in its journal is booked a little after it is ready.
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (!report.agrees() && System.nanoTime() < until) {
            books = GatewayBooks.read(admin, BUDGETS);
            report = Checker.tolerant().check(provider.bill(), books);
        }
        assertThat(report.agrees()).as(report.toString()).isTrue();
        await("nothing is held or waits", () -> gauge("tollgate_holds_open") == 0);
        assertThat(gauge("tollgate_outbox_entries")).isZero();
        assertThat(gauge("tollgate_ledger_rejected_total")).isZero();
        assertThat(report.billLines()).isGreaterThan(0);
        assertThat(report.counters()).isGreaterThanOrEqualTo(BUDGETS.size());
        assertThat(books.rows())
                .extracting(LedgerRow::usageSource)
                .isSubsetOf("provider", "estimated", "orphan");
        assertThat(capped(admin)).isLessThanOrEqualTo(CAP);
        assertBookedAsTold(answered, books);
    }

    /// Who has a whole answer in one piece knows that it was booked: its row is no orphan's.
    private static void assertBookedAsTold(List<CallsInFlight.Ended> answered, GatewayBooks books) {
        var sources = new HashMap<String, String>();
        books.rows().forEach(row -> sources.put(row.requestId(), row.usageSource()));
        var told =
                answered.stream()
                        .filter(call -> call.whole() && !call.streamed())
                        .map(CallsInFlight.Ended::requestId)
                        .collect(Collectors.toSet());
        assertThat(told).allSatisfy(id -> assertThat(sources.get(id)).as(id).isEqualTo("provider"));
    }

    private long capped(GatewayAdmin admin) {
        return admin.get("/admin/v1/organizations/local/budgets/capped/usage")
                .path("items")
                .path(0)
                .path("posted")
                .path("requests")
                .asLong();
    }

    // --- the scene ---

    private NodeProcess startNode() {
        return NodeProcess.start(
                Map.of(
                        "TOLLGATE_DATA",
                        data.toString(),
                        "TOLLGATE_PORT",
                        "0",
                        "TOLLGATE_ADMIN_PORT",
                        "0",
                        "TOLLGATE_ADMIN_TOKEN",
                        TOKEN,
                        "OPENAI_API_KEY",
                        "sk-upstream-openai",
                        "OPENAI_BASE_URL",
                        provider.openAiBaseUrl(),
                        "ANTHROPIC_API_KEY",
                        "sk-upstream-anthropic",
                        "ANTHROPIC_BASE_URL",
                        provider.anthropicBaseUrl()));
    }

    private GatewayAdmin admin() {
        return new GatewayAdmin(node.admin(), TOKEN);
    }

    private static void budget(GatewayAdmin admin, String name, String json) {
        admin.put("/admin/v1/organizations/local/budgets/" + name, json);
    }

    private long gauge(String name) {
        return Gauge.of(get(node.admin().resolve("/metrics")).body(), name);
    }

    private int statusOf(String path) {
        return get(node.gateway().resolve(path)).statusCode();
    }

    private static HttpResponse<String> get(URI target) {
        try (var http = HttpClient.newHttpClient()) {
            var request =
                    HttpRequest.newBuilder(target)
                            .header("authorization", "Bearer " + TOKEN)
                            .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            LockSupport.parkNanos(POLL.toNanos());
        }
    }
}
