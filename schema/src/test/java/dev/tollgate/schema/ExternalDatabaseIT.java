package dev.tollgate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalDatabaseIT {

    @TempDir static Path data;
    private static EmbeddedPostgres server;

    @BeforeAll
    static void start() {
        server = EmbeddedPostgres.start(data, Binaries.DIRECTORY);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void is_migrated_and_used_by_its_url_by_several_nodes() {
        try (var one = Database.external(url(server.password()));
                var other = Database.external(url(server.password()))) {
            one.dsl().execute("insert into users (organization, name) values ('local', 'u1')");

            assertThat(other.dsl().fetchValue("select name from users")).isEqualTo("u1");
            assertThat(one.toString()).doesNotContain(server.password());
        }
    }

    @Test
    void lost_connections_are_replaced() {
        try (var database = Database.external(url(server.password()))) {
            assertThatThrownBy(() ->
                            database.dsl()
                                    .fetch(
                                            "select pg_terminate_backend(pid) from pg_stat_activity"
                                                    + " where usename = 'tollgate'"))
                    .isInstanceOf(DataAccessException.class);

            assertThat(database.dsl().fetchValue("select 1")).isEqualTo(1);
        }
    }

    @Test
    void a_wrong_password_stops_the_start_without_showing_it() {
        assertThatThrownBy(() -> Database.external(url("hunter2")))
                .isInstanceOf(DatabaseStartException.class)
                .hasMessageContaining("password authentication failed")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void a_server_that_is_not_there_stops_the_start() throws IOException {
        int closedPort;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closedPort = socket.getLocalPort();
        }

        assertThatThrownBy(
                        () -> Database.external("postgres://u:p@127.0.0.1:" + closedPort + "/app"))
                .isInstanceOf(DatabaseStartException.class)
                .hasMessageContaining("PostgreSQL cannot be reached")
                .hasMessageContaining("127.0.0.1:" + closedPort);
    }

    private static String url(String password) {
        return "postgres://tollgate:"
                + password
                + "@127.0.0.1:"
                + server.port()
                + "/postgres?connect_timeout=5";
    }
}
