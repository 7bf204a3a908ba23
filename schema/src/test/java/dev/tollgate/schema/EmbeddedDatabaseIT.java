package dev.tollgate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDatabaseIT {

    @TempDir Path data;

    @Test
    void an_empty_directory_becomes_a_database_and_keeps_its_data_over_restarts()
            throws IOException {
        try (var database = open()) {
            assertThat(database.dsl().fetchValue("select name from organizations"))
                    .isEqualTo("local");
            database.dsl()
                    .execute("insert into teams (organization, name) values ('local', 'growth')");
        }

        try (var database = open()) {
            assertThat(database.dsl().fetchValue("select name from teams")).isEqualTo("growth");
        }
        assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist();
    }

    @Test
    void commits_are_durable_and_only_loopback_with_the_password_gets_in() throws IOException {
        try (var database = open()) {
            var dsl = database.dsl();
            assertThat(dsl.fetchValue("show fsync")).isEqualTo("on");
            assertThat(dsl.fetchValue("show synchronous_commit")).isEqualTo("on");
            assertThat(dsl.fetchValue("show listen_addresses")).isEqualTo("127.0.0.1");
            var url = "jdbc:postgresql://127.0.0.1:" + dsl.fetchValue("show port") + "/postgres";

            assertThatThrownBy(() -> DriverManager.getConnection(url, "tollgate", "guess"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
        }
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(
                                        data.resolve("postgres/tollgate.password"))))
                .isEqualTo("rw-------");
    }

    @Test
    void a_second_gateway_on_the_directory_is_refused_and_a_killed_one_does_not_hinder_the_next()
            throws IOException, InterruptedException {
        var first = HoldsDatabase.start(data);
        try {
            assertThatThrownBy(this::open)
                    .isInstanceOf(DatabaseStartException.class)
                    .hasMessageContaining("TOLLGATE_DATA")
                    .hasMessageContaining("in use by process " + first.pid());
        } finally {
            first.destroyForcibly();
        }
        assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();
        var leftover = leftoverServer();
        assertThat(leftover.isAlive()).isTrue();

        try (var database = open()) {
            assertThat(database.dsl().fetchValue("select name from teams"))
                    .isEqualTo("written before the kill");
            assertThat(leftover.onExit()).succeedsWithin(Duration.ofSeconds(5));
        }
    }

    @Test
    void a_server_killed_outright_is_recovered() throws IOException, InterruptedException {
        var first = HoldsDatabase.start(data);
        var server = leftoverServer();
        first.destroyForcibly();
        server.destroyForcibly();
        assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();

        try (var database = open()) {
            assertThat(database.dsl().fetchValue("select name from teams"))
                    .isEqualTo("written before the kill");
        }
    }

    @Test
    void a_stale_process_id_that_is_now_another_process_is_left_in_peace() throws IOException {
        open().close();
        var innocent = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(
                    data.resolve("postgres/postmaster.pid"),
                    "%d\n%s\n%d\n5432\n"
                            .formatted(innocent.pid(), data.resolve("postgres"), 1_700_000_000));

            open().close();

            assertThat(innocent.isAlive()).isTrue();
        } finally {
            innocent.destroyForcibly();
        }
    }

    @Test
    void the_same_directory_is_refused_to_the_same_process_twice() {
        try (var _ = open()) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(DatabaseStartException.class)
                    .hasMessageContaining("expected: one process per data directory");
        }
    }

    @Test
    void a_failed_migration_stops_the_start_and_leaves_nothing_of_itself_or_running()
            throws IOException {
        assertThatThrownBy(
                        () -> Database.embedded(data, Binaries.DIRECTORY, "classpath:db/failing"))
                .isInstanceOf(DatabaseStartException.class)
                .hasMessageContaining("migration failed")
                .hasMessageContaining("V2__fails.sql")
                .hasMessageContaining("no_such_table");

        assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist();
        var postgres = EmbeddedPostgres.start(data, Binaries.DIRECTORY);
        try (var connection =
                DriverManager.getConnection(
                        postgres.url().jdbc(), EmbeddedPostgres.ROLE, postgres.password())) {
            assertThat(connection.getMetaData().getTables(null, null, "works", null).next())
                    .isTrue();
            assertThat(connection.getMetaData().getTables(null, null, "half_made", null).next())
                    .isFalse();
        } catch (SQLException e) {
            throw new AssertionError(e);
        } finally {
            postgres.close();
        }
    }

    @Test
    void a_schema_from_a_newer_program_stops_the_start() {
        try (var database = open()) {
            database.dsl()
                    .execute(
                            "insert into flyway_schema_history select 999, '999', 'from the"
                                + " future', type, script, checksum, installed_by, now(), 1, true"
                                + " from flyway_schema_history where version = '1'");
        }

        assertThatThrownBy(this::open)
                .isInstanceOf(DatabaseStartException.class)
                .hasMessageContaining("schema: version 999 (expected: at most 6");
    }

    @Test
    void data_of_another_postgresql_is_refused() throws IOException {
        var cluster = Files.createDirectories(data.resolve("postgres"));
        Files.writeString(cluster.resolve("PG_VERSION"), "12\n");

        assertThatThrownBy(this::open)
                .isInstanceOf(DatabaseStartException.class)
                .hasMessageContaining("was made by PostgreSQL 12 (expected: 18");
    }

    @Test
    void a_data_directory_that_is_a_file_is_refused() throws IOException {
        var file = Files.writeString(data.resolve("file"), "");

        assertThatThrownBy(() -> Database.embedded(file, Binaries.DIRECTORY))
                .isInstanceOf(DatabaseStartException.class)
                .hasMessageContaining("TOLLGATE_DATA: " + file);
    }

    private Database open() {
        return Database.embedded(data, Binaries.DIRECTORY);
    }

    private ProcessHandle leftoverServer() throws IOException {
        var pid = Files.readAllLines(data.resolve("postgres/postmaster.pid")).getFirst().strip();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }
}
