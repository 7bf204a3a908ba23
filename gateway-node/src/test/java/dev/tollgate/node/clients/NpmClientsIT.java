package dev.tollgate.node.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The official clients from npm, each in a small program of `src/test/js` with tests of its own.
@ExtendWith(ClientGateway.Shared.class)
class NpmClientsIT {

    static final Path SCRIPTS = Path.of("src/test/js");

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final ClientGateway gateway;

    NpmClientsIT(ClientGateway gateway) {
        this.gateway = gateway;
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_client_works_unchanged(String client) throws InterruptedException {
        var environment =
                Map.of(
                        "TOLLGATE_TEST_URL", gateway.url(),
                        "TOLLGATE_TEST_FREE_KEY", key(client, "free", ClientGateway.NO_BUDGET),
                        "TOLLGATE_TEST_ONCE_KEY", key(client, "once", ClientGateway.ONCE_A_DAY),
                        "TOLLGATE_TEST_SINGLE_KEY",
                                key(client, "single", ClientGateway.ONE_AT_A_TIME));

        var program =
                Program.run(
                        List.of("node", "--test-reporter=spec", client + ".test.js"),
                        SCRIPTS,
                        environment,
                        LIMIT);

        assertThat(program.exit()).as(program.output()).isZero();
        assertThat(program.output()).contains("too many at once is retried");
        assertThat(gateway.upstream("npm " + client + " once a day")).hasSize(1);
        assertThat(gateway.upstream("npm " + client + " one at a time")).hasSize(1);
    }

    private String key(String client, String kind, String budgets) {
        return gateway.key("npm-" + client + "-" + kind, budgets);
    }
}
