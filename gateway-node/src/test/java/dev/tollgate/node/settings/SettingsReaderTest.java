package dev.tollgate.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tollgate.caller.Anonymous;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SettingsReaderTest {

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
        assertThat(settings.queue()).isEqualTo(NodeSettings.Queue.DEFAULT);
        assertThat(settings.providers()).isEmpty();
        assertThat(settings.budgets()).isEmpty();
        assertThat(settings.keys()).isEmpty();
    }

    @Test
    void every_setting_can_be_something_else() {
        var file =
                Map.<String, @Nullable Object>ofEntries(
                        Map.entry("bind", "0.0.0.0"),
                        Map.entry("port", 1),
                        Map.entry("admin_port", 2),
                        Map.entry("admin_enabled", "false"),
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
                        Map.entry(
                                "journal", Map.of("sync_interval", "0ms", "bytes_max", 64L << 20)),
                        Map.entry(
                                "queue",
                                Map.of(
                                        "concurrency_wait", "0ms",
                                        "rate_wait", "5s",
                                        "requests_max", 10)),
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
        var environment =
                Map.of(
                        "TOLLGATE_ADMIN_TOKEN", "0123456789abcdef",
                        "TOLLGATE_KEY_PEPPER", "0123456789abcdef0123456789abcdef");

        var settings = read(file, environment);

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
        assertThat(settings.queue())
                .isEqualTo(new NodeSettings.Queue(Duration.ZERO, Duration.ofSeconds(5), 10));
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
