package dev.tollgate.node.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.provider.SeenRequest;
import dev.tollgate.node.GatewayFixture;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// The node that all client tests share, and what they need of it. Started once in a JVM.
///
/// Tests tell their calls apart by the words of their prompts, and their budgets by their keys.
final class ClientGateway implements AutoCloseable {

    /// No budget beside those of the node.
    static final String NO_BUDGET = "[]";

    static final String ONCE_A_DAY = "[{\"period\":\"day\",\"limits\":{\"requests\":1}}]";
    static final String ONE_AT_A_TIME =
            "[{\"period\":\"day\",\"limits\":{\"requests\":1000},\"concurrent_requests\":1}]";

    static final String ELASTIC =
            "[{\"period\":\"total\",\"limits\":{\"output_tokens\":3000},\"hold\":\"elastic\"}]";

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(10);

    private final GatewayFixture fixture = GatewayFixture.start();
    private final AtomicInteger keys = new AtomicInteger();

    private ClientGateway() {
        fixture.provider().always(UpstreamScript::answer);
    }

    /// Hands the shared gateway to tests that take it as a parameter.
    static final class Shared implements ParameterResolver {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == ClientGateway.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .computeIfAbsent(
                            ClientGateway.class, _ -> new ClientGateway(), ClientGateway.class);
        }
    }

    GatewayFixture fixture() {
        return fixture;
    }

    /// For example `http://127.0.0.1:39021`.
    String url() {
        return fixture.gateway().toString();
    }

    /// Makes a key and gives its secret.
    ///
    /// @param name of its kind; a number makes it unique
    /// @param budgets a JSON array, of budgets that are the key's own
    String key(String name, String budgets) {
        var answer =
                fixture.admin(
                        "POST",
                        "/admin/v1/organizations/local/keys",
                        "{\"name\":\"%s-%d\",\"budgets\":%s}"
                                .formatted(name, keys.incrementAndGet(), budgets));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return new JsonObject(answer.body()).getString("secret");
    }

    /// Calls of a model that arrived at the provider and whose prompt has these words.
    List<SeenRequest> upstream(String words) {
        return fixture.provider().modelCalls().stream()
                .filter(seen -> UpstreamScript.text(seen).contains(words))
                .toList();
    }

    /// Requests the gateway has refused with this problem so far.
    long refused(String problem) {
        var metrics = fixture.admin("GET", "/metrics", null).body();
        var line =
                Pattern.compile(
                        "^tollgate_requests_total\\{.*problem=\"" + problem + "\".*} ([0-9.E]+)$",
                        Pattern.MULTILINE);
        return line.matcher(metrics)
                .results()
                .mapToLong(found -> (long) Double.parseDouble(found.group(1)))
                .sum();
    }

    /// Waits, bounded, until something of another thread or process is so.
    static void await(String what, BooleanSupplier condition) {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    @Override
    public void close() {
        fixture.close();
    }
}
