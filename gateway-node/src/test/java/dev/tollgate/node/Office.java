package dev.tollgate.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.GatewayAdmin;
import dev.tollgate.loadtest.check.GatewayBooks;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// What tests of budgets and the ledger ask of a node's admin API, and how they wait for it.
record Office(GatewayFixture gateway) {

    static final String ORGANIZATION = "/admin/v1/organizations/local";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(20);

    /// A key and the headers that bear it.
    record Key(String id, Map<String, String> headers) {}

    /// @param members of the key beside its name, as JSON, such as `"user":"u1"`; may be empty
    Key key(String name, String members) {
        var body = "{\"name\":\"%s\"%s}".formatted(name, members.isEmpty() ? "" : "," + members);
        var answer = gateway.admin("POST", ORGANIZATION + "/keys", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        var json = new JsonObject(answer.body());
        return new Key(
                json.getString("id"),
                Map.of("authorization", "Bearer " + json.getString("secret")));
    }

    /// Makes or changes a budget.
    void budget(String name, String json) {
        var answer = gateway.admin("PUT", ORGANIZATION + "/budgets/" + name, json);
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    }

    /// The use of a budget by a subject; of one without `per` the subject is empty. Asked for by
    /// name, as the list has a subject only when something of it is booked.
    JsonObject usage(String budget, String subject) {
        var query = subject.isEmpty() ? "" : "?subject=" + subject;
        return items(ORGANIZATION + "/budgets/" + budget + "/usage" + query).stream()
                .filter(item -> item.getString("subject").equals(subject))
                .findFirst()
                .orElseThrow();
    }

    long posted(String budget, String measure) {
        return usage(budget, "").getJsonObject("posted").getLong(measure);
    }

    /// The ledger's row of a request, once it is booked.
    JsonObject row(HttpResponse<?> answer) {
        var request = answer.headers().firstValue("x-request-id").orElseThrow();
        return await("row of request " + request, () -> rows(request).stream().findFirst());
    }

    List<JsonObject> rows(String request) {
        return items(ORGANIZATION + "/ledger?limit=1000").stream()
                .filter(row -> row.getString("request_id").equals(request))
                .toList();
    }

    List<JsonObject> items(String path) {
        var answer = gateway.admin("GET", path, null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body())
                .getJsonArray("items").stream().map(JsonObject.class::cast).toList();
    }

    /// All that the gateway says was used, once as many rows are booked as lines are billed.
    GatewayBooks books(int lines, String... budgets) {
        var admin = new GatewayAdmin(gateway.admin(), GatewayFixture.ADMIN_TOKEN);
        return GatewayBooks.readWhenBooked(admin, List.of(budgets), lines, PATIENCE);
    }

    /// Waits, bounded, until something of another thread is there.
    static <T> T await(String what, Supplier<Optional<T>> look) {
        var until = System.nanoTime() + PATIENCE.toNanos();
        var found = look.get();
        while (found.isEmpty()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            LockSupport.parkNanos(POLL.toNanos());
            found = look.get();
        }
        return found.get();
    }
}
