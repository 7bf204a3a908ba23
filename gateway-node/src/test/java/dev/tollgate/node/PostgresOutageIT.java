package dev.tollgate.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.Checker;
import dev.tollgate.loadtest.check.GatewayAdmin;
import dev.tollgate.loadtest.check.GatewayBooks;
import dev.tollgate.loadtest.provider.Behaviour;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// PostgreSQL gone with calls in flight, and back.
class PostgresOutageIT {

    private static final String BUDGETS = "/admin/v1/organizations/local/budgets";
    private static final int USERS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);

    private final GatewayFixture fixture = GatewayFixture.start();

    @BeforeEach
    void budgets() {
        budget("all", "{\"period\":\"day\",\"limits\":{\"requests\":100000,\"cost_usd\":\"50\"}}");
        budget(
                "each",
                "{\"per\":\"end_user\",\"period\":\"day\",\"limits\":{\"output_tokens\":1000000}}");
        // Counters that a call has used are warm from then on.
        try (var calls = new CallsInFlight(fixture.gateway())) {
            sendEach(calls);
            assertThat(calls.ended()).allMatch(CallsInFlight.Ended::whole);
        }
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void a_crash_of_it_stops_nobody_whose_counters_are_known_and_loses_nothing() throws Exception {
        var postgres = PostgresOfANode.in(fixture.node().data());
        var gate = Promise.<Void>promise();
        fixture.provider()
                .always(
                        Behaviour.streams(List.of("on ", "and ", "on"), Duration.ZERO)
                                .pausesAfter(1, gate.future()));
        var provider = fixture.provider();
        var before = provider.modelCalls().size();
        try (var calls = new CallsInFlight(fixture.gateway())) {
            sendEach(calls);
            await("in flight", () -> provider.modelCalls().size() - before == 2 * USERS);

            postgres.crash();
            gate.complete();

            assertThat(calls.ended()).hasSize(2 * USERS).allMatch(CallsInFlight.Ended::whole);
        }
        assertWarmCallsGoOn();
        assertColdCallsAreToldToTryAgain();
        assertAdminSaysSo(fixture.admin("GET", BUDGETS, null));
        assertAdminSaysSo(
                fixture.admin(
                        "PUT",
                        BUDGETS + "/new",
                        "{\"period\":\"day\",\"limits\":{\"requests\":1}}"));
        assertThat(gauge("tollgate_outbox_entries")).isPositive();

        postgres.start();

        assertAllIsBooked();
    }

    @Test
    void a_freeze_of_it_stops_nobody_whose_counters_are_known_and_loses_nothing() throws Exception {
        var postgres = PostgresOfANode.in(fixture.node().data());

        postgres.freeze();
        try {
            assertWarmCallsGoOn();
            assertColdCallsAreToldToTryAgain();
            assertWarmCallsGoOn();
        } finally {
            postgres.thaw();
        }

        assertAllIsBooked();
    }

    private void assertWarmCallsGoOn() {
        fixture.provider().always(Behaviour.generates(1, CallsInFlight.OUTPUT_TOKENS_MAX));
        try (var calls = new CallsInFlight(fixture.gateway())) {
            for (var round = 0; round < 3; round++) {
                sendEach(calls);
            }
            assertThat(calls.ended()).hasSize(6 * USERS).allMatch(CallsInFlight.Ended::whole);
        }
    }

    private void assertColdCallsAreToldToTryAgain() {
        var openAi = chat("newcomer");
        var anthropic =
                fixture.post(
                        "/v1/messages",
                        "{\"model\":\"claude-haiku-4-5\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
                        Map.of("x-app-user-id", "newcomer"));

        assertThat(List.of(openAi, anthropic))
                .allSatisfy(refused -> {
                    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
                    assertThat(refused.headers().firstValue("retry-after")).contains("1");
                    assertThat(refused.body())
                            .contains("the state of the budgets cannot be verified just now");
                });
        assertThat(openAi.body()).contains("\"code\":\"quota_unavailable\"");
        assertThat(anthropic.body()).contains("\"type\":\"api_error\"");
    }

    private static void assertAdminSaysSo(HttpResponse<String> refused) {
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
        assertThat(refused.headers().firstValue("retry-after")).contains("1");
        assertThat(new JsonObject(refused.body()).getString("type"))
                .isEqualTo("urn:tollgate:problem:database-away");
    }

    private void assertAllIsBooked() {
        await("served again", () -> chat("newcomer").statusCode() == 200);
        var provider = fixture.provider();
        var admin = new GatewayAdmin(fixture.admin(), GatewayFixture.ADMIN_TOKEN);
        await("billed", () -> provider.bill().size() == provider.modelCalls().size());

        var books =
                GatewayBooks.readWhenBooked(
                        admin, List.of("all", "each"), provider.bill().size(), PATIENCE);

        var report = Checker.exact().check(provider.bill(), books);
        assertThat(report.agrees()).as(report.toString()).isTrue();
        assertThat(report.estimated()).isZero();
        assertThat(report.billLines()).isGreaterThan(6 * USERS);
        assertThat(report.counters()).isEqualTo(1 + USERS + 1);
        await("nothing waits", () -> gauge("tollgate_outbox_entries") == 0);
        await("nothing is held", () -> gauge("tollgate_holds_open") == 0);
        assertThat(gauge("tollgate_ledger_rejected_total")).isZero();
    }

    /// Two calls of each user.
    private static void sendEach(CallsInFlight calls) {
        for (var call = 0; call < 2 * USERS; call++) {
            calls.send(call, "u" + call % USERS);
        }
    }

    private HttpResponse<String> chat(String user) {
        return fixture.post(
                "/v1/chat/completions",
                "{\"model\":\"gpt-4o-mini\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
                Map.of("x-app-user-id", user));
    }

    private void budget(String name, String json) {
        var made = fixture.admin("PUT", BUDGETS + "/" + name, json);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    }

    private long gauge(String name) {
        return Gauge.of(fixture.admin("GET", "/metrics", null).body(), name);
    }

    private static void await(String what, BooleanSupplier condition) {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            LockSupport.parkNanos(POLL.toNanos());
        }
    }
}
