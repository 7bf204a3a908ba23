package dev.tollgate.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.caller.Secret;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AdminSettingsTest {

    @Test
    void by_default_only_addresses_are_hosts_and_bodies_have_a_mebibyte() {
        var settings = AdminSettings.of(new Secret("token"));

        assertThat(settings)
                .isEqualTo(
                        new AdminSettings(
                                new Secret("token"),
                                Set.of(),
                                6,
                                Duration.ofSeconds(5),
                                1_048_576,
                                "tollgate.yaml"));
    }

    @Test
    void hosts_and_file_can_be_set() {
        var settings =
                AdminSettings.of(new Secret("token"))
                        .withHosts(Set.of("admin.example"))
                        .withFile("/etc/tollgate.yaml");

        assertThat(settings.hosts()).containsExactly("admin.example");
        assertThat(settings.file()).isEqualTo("/etc/tollgate.yaml");
        assertThat(settings.toString()).doesNotContain("token=token");
    }

    @Test
    void an_empty_token_is_refused() {
        assertThatThrownBy(() -> AdminSettings.of(new Secret("")))
                .hasMessageContaining("admin token: empty");
    }
}
