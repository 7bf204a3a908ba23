package dev.tollgate.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tollgate.caller.Anonymous;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SettingsReaderTest {

    /// Every setting of the file but those that exclude others, none at its default.
    static final Map<String, @Nullable Object> EVERYTHING =
            Map.<String, @Nullable Object>ofEntries(
                    Map.entry("bind", "0.0.0.0"),
                    Map.entry("port", 1),
                    Map.entry("admin_port", 2),
                    Map.entry("admin_enabled", "false"),
                    Map.entry("admin_hosts", List.of("admin.internal")),
                    Map.entry("data", "/var/lib/tollgate"),
                    Map.entry("database_url", "postgres://u:p@db/tollgate"),
                    Map.entry("anonymous", "off"),
                    Map.entry("daily_tokens_per_user", 5),
                    Map.entry("daily_usd", "2.50"),
                    Map.entry(
                            "limits",
                            Map.of(
                                    "request_body_bytes_max", 2048,
                                    "reply_body_bytes_max", 4096,
                                    "upstream_connections_max", 7)),
                    Map.entry(
                            "timeouts",
                            Map.of(
                                    "request_body", "1s",
                                    "connect", "2s",
                                    "first_byte", "3s",
                                    "idle", "4s",
                                    "total", "5m",
                                    "heartbeat", "6s",
                                    "slow_reader", "7s",
                                    "drain_delay", "9s",
                                    "drain", "8s")),
                    Map.entry("journal", Map.of("sync_interval", "0ms", "bytes_max", 64L << 20)),
                    Map.entry(
                            "cluster",
                            Map.of(
                                    "name",
                                    "blue",
                                    "bind",
                                    "10.0.0.7",
                                    "port",
                                    5999,
                                    "members",
                                    List.of("10.0.0.7:5999", "node-8:5999"))),
                    Map.entry(
                            "queue",
                            Map.of(
                                    "concurrency_wait", "0ms",
                                    "rate_wait", "5s",
                                    "requests_max", 10)),
                    Map.entry("failover", Map.of("attempts_max", 7)),
                    Map.entry(
                            "providers",
                            List.of(
                                    Map.of(
                                            "name", "vllm",
                                            "type", "openai",
                                            "base_url", "http://127.0.0.1:9/v1/",
                                            "credential", "env:VLLM_KEY"))),
                    Map.entry("budgets", List.of(Map.of("name", "b"))),
                    Map.entry("keys", List.of(Map.of("name", "k"))));

    @Test
    void without_file_and_environment_the_defaults_hold() {
        var settings = read(Map.of(), Map.of());

        assertThat(settings.bind()).isEqualTo("127.0.0.1");
        assertThat(settings.port()).isEqualTo(8080);
        assertThat(settings.adminPort()).isEqualTo(8081);
        assertThat(settings.adminEnabled()).isTrue();
        assertThat(settings.data()).isEqualTo(Path.of("./data"));
        assertThat(settings.local()).isTrue();
        assertThat(settings.adminToken()).isEmpty();
        assertThat(settings.pepper()).isEmpty();
        assertThat(settings.anonymous()).isEqualTo(Anonymous.LOOPBACK);
        assertThat(settings.dailyTokensPerUser()).isZero();
        assertThat(settings.dailyUsd()).isEmpty();
        assertThat(settings.limits()).isEqualTo(NodeSettings.Limits.DEFAULT);
        assertThat(settings.timeouts()).isEqualTo(NodeSettings.Timeouts.DEFAULT);
        assertThat(settings.journal()).isEqualTo(NodeSettings.Journal.DEFAULT);
        assertThat(settings.cluster()).isEqualTo(NodeSettings.Cluster.ALONE);
        assertThat(settings.queue()).isEqualTo(NodeSettings.Queue.DEFAULT);
        assertThat(settings.failover()).isEqualTo(new NodeSettings.Failover(3));
        assertThat(settings.providers()).isEmpty();
        assertThat(settings.budgets()).isEmpty();
        assertThat(settings.keys()).isEmpty();
    }

    @Test
    void every_setting_can_be_something_else() {
        var settings = read(EVERYTHING, SHARED);

        assertThat(settings.bind()).isEqualTo("0.0.0.0");
        assertThat(settings.port()).isEqualTo(1);
        assertThat(settings.adminPort()).isEqualTo(2);
        assertThat(settings.adminEnabled()).isFalse();
        assertThat(settings.data()).isEqualTo(Path.of("/var/lib/tollgate"));
        assertThat(settings.local()).isFalse();
        assertThat(settings.adminToken()).isPresent();
        assertThat(settings.pepper()).isPresent();
        assertThat(settings.anonymous()).isEqualTo(Anonymous.OFF);
        assertThat(settings.dailyTokensPerUser()).isEqualTo(5);
        assertThat(settings.dailyUsd()).isEqualTo("2.50");
        assertThat(settings.limits()).isEqualTo(new NodeSettings.Limits(2048, 4096, 7));
        assertThat(settings.timeouts())
                .isEqualTo(
                        new NodeSettings.Timeouts(
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(4),
                                Duration.ofMinutes(5),
                                Duration.ofSeconds(6),
                                Duration.ofSeconds(7),
                                Duration.ofSeconds(9),
                                Duration.ofSeconds(8)));
        assertThat(settings.journal())
                .isEqualTo(new NodeSettings.Journal(Duration.ZERO, 64L << 20));
        assertThat(settings.cluster())
                .isEqualTo(
                        new NodeSettings.Cluster(
                                "blue",
                                "10.0.0.7",
                                5999,
                                List.of("10.0.0.7:5999", "node-8:5999"),
                                Optional.empty()));
        assertThat(settings.queue())
                .isEqualTo(new NodeSettings.Queue(Duration.ZERO, Duration.ofSeconds(5), 10));
        assertThat(settings.failover()).isEqualTo(new NodeSettings.Failover(7));
        assertThat(settings.providers())
                .containsExactly(
                        new NodeSettings.ProviderSetting(
                                "vllm",
                                "openai",
                                URI.create("http://127.0.0.1:9/v1"),
                                "env:VLLM_KEY",
                                "file"));
        assertThat(settings.budgets()).hasSize(1);
        assertThat(settings.keys()).hasSize(1);
    }

    @Test
    void the_cluster_can_come_from_the_environment() {
        var environment = new HashMap<>(SHARED);
        environment.putAll(
                Map.of(
                        "TOLLGATE_CLUSTER_KUBERNETES_DNS", "tollgate.default.svc.cluster.local",
                        "TOLLGATE_CLUSTER_BIND", "10.0.0.5"));

        assertThat(read(Map.of(), environment).cluster())
                .isEqualTo(
                        new NodeSettings.Cluster(
                                "tollgate",
                                "10.0.0.5",
                                5701,
                                List.of(),
                                Optional.of("tollgate.default.svc.cluster.local")));
        environment.remove("TOLLGATE_CLUSTER_KUBERNETES_DNS");
        environment.put("TOLLGATE_CLUSTER_MEMBERS", "10.0.0.5:5701, 10.0.0.6:5701");
        assertThat(read(Map.of(), environment).cluster().members())
                .containsExactly("10.0.0.5:5701", "10.0.0.6:5701");
    }

    @Test
    void nodes_need_a_shared_database_and_an_address_the_others_reach() {
        assertThat(faultsOf(Map.of("members", "127.0.0.1:5701"), Map.of()))
                .containsExactly("cluster.members");
        assertThat(faultsOf(Map.of("members", "10.0.0.6:5701"), SHARED))
                .containsExactly("cluster.bind");
        assertThat(faultsOf(Map.of("kubernetes_dns", "tollgate"), SHARED))
                .containsExactly("cluster.bind");
        assertThat(faultsOf(Map.of("bind", "0.0.0.0", "name", "a b"), SHARED))
                .containsExactlyInAnyOrder("cluster.bind", "cluster.name");
        assertThat(
                        faultsOf(
                                Map.of(
                                        "members", "10.0.0.6",
                                        "kubernetes_dns", "tollgate",
                                        "bind", "10.0.0.5"),
                                SHARED))
                .containsExactlyInAnyOrder("cluster.members", "cluster.kubernetes_dns");
        var pepperless = new HashMap<>(SHARED);
        pepperless.remove("TOLLGATE_KEY_PEPPER");
        assertThat(faultsOf(Map.of("members", "127.0.0.1:5701"), pepperless))
                .containsExactly("TOLLGATE_KEY_PEPPER");
    }

    @Test
    void the_admin_api_may_have_names() {
        var settings = read(Map.of(), Map.of("TOLLGATE_ADMIN_HOSTS", "Tollgate.internal, admin"));
        assertThat(settings.adminHosts()).containsExactly("tollgate.internal", "admin");

        var failure =
                catchThrowableOfType(
                        SettingsException.class,
                        () -> read(Map.of("admin_hosts", List.of("http://admin:8081")), Map.of()));
        assertThat(failure.faults()).extracting(SettingsFault::path).containsExactly("admin_hosts");
    }

    /// What nodes of one cluster have in common.
    private static final Map<String, String> SHARED =
            Map.of(
                    "TOLLGATE_DATABASE_URL", "postgres://u:p@db/tollgate",
                    "TOLLGATE_ADMIN_TOKEN", "0123456789abcdef",
                    "TOLLGATE_KEY_PEPPER", "0123456789abcdef0123456789abcdef");

    private static List<String> faultsOf(Map<String, ?> cluster, Map<String, String> environment) {
        var failure =
                catchThrowableOfType(
                        SettingsException.class,
                        () -> read(Map.of("cluster", cluster), environment));
        return failure.faults().stream().map(SettingsFault::path).toList();
    }

    @Test
    void a_cluster_that_is_no_block_is_told_even_where_the_environment_overrides_it() {
        var file = Map.<String, @Nullable Object>of("cluster", "node-1:5701");

        var failure =
                catchThrowableOfType(
                        SettingsException.class,
                        () -> read(file, Map.of("TOLLGATE_CLUSTER_NAME", "green")));

        assertThat(failure.faults()).extracting(SettingsFault::path).containsExactly("cluster");
    }

    @Test
    void the_environment_wins_over_the_file() {
        var settings = read(Map.of("port", 1), Map.of("TOLLGATE_PORT", "2"));

        assertThat(settings.port()).isEqualTo(2);
    }

    @Test
    void providers_come_from_the_variables_of_their_own_sdks() {
        var settings =
                read(
                        Map.of(),
                        Map.of(
                                "OPENAI_API_KEY", "sk-1",
                                "OPENAI_BASE_URL", "http://127.0.0.1:7001/v1",
                                "ANTHROPIC_API_KEY", "sk-2",
                                "ANTHROPIC_BASE_URL", "http://127.0.0.1:7002",
                                "OLLAMA_HOST", "127.0.0.1:11434"));

        assertThat(settings.providers())
                .extracting(provider -> provider.name() + " " + provider.baseUrl())
                .containsExactly(
                        "openai http://127.0.0.1:7001/v1",
                        "anthropic http://127.0.0.1:7002/v1",
                        "ollama http://127.0.0.1:11434/v1");
    }

    @Test
    void every_fault_is_told_with_its_path() {
        var file =
                Map.<String, @Nullable Object>of(
                        "port",
                        70_000,
                        "anonymous",
                        "everybody",
                        "prot",
                        1,
                        "timeouts",
                        Map.of("idle", "soon", "idel", "1s"),
                        "providers",
                        List.of(Map.of("name", "X", "type", "openai")));

        var failure =
                catchThrowableOfType(
                        SettingsException.class,
                        () -> read(file, Map.of("TOLLGATE_ADMIN_TOKEN", "short")));

        assertThat(failure.faults())
                .extracting(SettingsFault::path)
                .containsExactlyInAnyOrder(
                        "port",
                        "anonymous",
                        "prot",
                        "timeouts.idle",
                        "timeouts.idel",
                        "providers[0].name",
                        "TOLLGATE_ADMIN_TOKEN");
        assertThat(failure)
                .hasMessageContaining("port: 70000 (expected: a whole number from 0 to 65535)");
        assertThat(failure.getMessage()).doesNotContain("short (");
    }

    private static NodeSettings read(
            Map<String, @Nullable Object> file, Map<String, String> environment) {
        return new SettingsReader(environment).read(file, "tollgate.yaml");
    }
}
