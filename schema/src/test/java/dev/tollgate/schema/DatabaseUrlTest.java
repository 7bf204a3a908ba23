package dev.tollgate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {

    @ParameterizedTest
    @CsvSource({
        "postgres://u:p@db.example/app,jdbc:postgresql://db.example/app,u,p",
        "postgresql://u:p@db.example:5433/app?sslmode=require,jdbc:postgresql://db.example:5433/app?sslmode=require,u,p",
        "postgres://u:p%40s%2Fs+w@host/app,jdbc:postgresql://host/app,u,p@s/s+w",
        "postgres://u:a@b@host/app,jdbc:postgresql://host/app,u,a@b",
        "postgres://u@[::1]:5432/app,jdbc:postgresql://[::1]:5432/app,u,",
        "postgres://host,jdbc:postgresql://host/,,",
        "postgres://u:p@host?sslmode=require,jdbc:postgresql://host/?sslmode=require,u,p",
        "jdbc:postgresql://host/app?user=u&password=p,jdbc:postgresql://host/app?user=u&password=p,,",
    })
    void reads_every_form(String url, String jdbc, String user, String password) {
        assertThat(DatabaseUrl.parse(url)).isEqualTo(new DatabaseUrl(jdbc, user, password));
    }

    @Test
    void reads_several_hosts_for_fail_over() {
        var parsed = DatabaseUrl.parse("postgres://u:p@one:5432,two:5432/app");

        assertThat(parsed.jdbc()).isEqualTo("jdbc:postgresql://one:5432,two:5432/app");
    }

    @Test
    void gives_options_their_names_in_the_driver() {
        var parsed =
                DatabaseUrl.parse(
                        "postgres://host/app?connect_timeout=3&sslmode=require&channel_binding=require");

        assertThat(parsed.jdbc())
                .isEqualTo(
                        "jdbc:postgresql://host/app?connectTimeout=3&sslmode=require&channelBinding=require");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mysql://u:hunter2@host/app",
                "u:hunter2@host",
                "hunter2",
                "",
                "postgres://u:hunter2@/app"
            })
    void refuses_what_is_no_postgresql_without_repeating_the_password(String url) {
        assertThatThrownBy(() -> DatabaseUrl.parse(url))
                .isInstanceOf(DatabaseStartException.class)
                .hasMessageStartingWith("TOLLGATE_DATABASE_URL: ")
                .hasMessageContaining("expected: postgres://")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void shows_neither_password_nor_options() {
        assertThat(DatabaseUrl.parse("postgres://u:hunter2@host/app"))
                .hasToString("jdbc:postgresql://host/app");
        assertThat(DatabaseUrl.parse("jdbc:postgresql://host/app?user=u&password=hunter2"))
                .hasToString("jdbc:postgresql://host/app");
    }
}
