package dev.tollgate.loadtest.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/// The PostgreSQL that all nodes share, to be frozen, killed and started again.
public final class PostgresServer implements AutoCloseable {

    static final int PORT = 5432;

    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final String SECONDS_TO_ANSWER = "2";

    private final Path directory;
    private final String address;
    private final int port;
    private ServerProcess process;

    PostgresServer(Path directory, String address) throws IOException {
        this(directory, address, PORT);
    }

    /// Makes the cluster and starts it.
    ///
    /// @param directory for its programs, data and output
    public PostgresServer(Path directory, String address, int port) throws IOException {
        this.directory = directory;
        this.address = address;
        this.port = port;
        PostgresArchive.unpack(Files.createDirectories(directory.resolve("programs")));
        Shell.run(
                command(
                        "initdb",
                        "--pgdata=" + data(),
                        "--username=tollgate",
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync",
                        "--no-instructions"));
        Files.writeString(data().resolve("pg_hba.conf"), "host all all samenet trust\n");
        Files.writeString(data().resolve("postgresql.conf"), configuration());
        this.process = run();
        awaitAnswer();
    }

    private String configuration() {
        return """
        listen_addresses = '%s'
        port = %d
        unix_socket_directories = ''
        max_connections = 100
        shared_buffers = '64MB'
        timezone = 'UTC'
        jit = off
        """
                .formatted(address, port);
    }

    private Path data() {
        return directory.resolve("data");
    }

    /// It refuses to run as root, but not where root is nobody in particular.
    private List<String> command(String program, String... arguments) {
        var command = new ArrayList<String>();
        if (System.getProperty("user.name", "").equals("root")) {
            command.addAll(List.of("unshare", "--user"));
        }
        command.add(directory.resolve("programs").resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private ServerProcess run() {
        return ServerProcess.start(
                command("postgres", "-D", data().toString()),
                Map.of(),
                directory.resolve("postgres.log"));
    }

    private void awaitAnswer() {
        if (!Wait.until(START_MAX, this::answers)) {
            throw new IllegalStateException("PostgreSQL does not answer, see " + process.log());
        }
    }

    /// As the nodes are told it.
    public String url() {
        return "jdbc:postgresql://" + address + ":" + port + "/postgres?user=tollgate";
    }

    Connection connect() throws SQLException {
        var properties = new Properties();
        properties.setProperty("connectTimeout", SECONDS_TO_ANSWER);
        properties.setProperty("socketTimeout", SECONDS_TO_ANSWER);
        return DriverManager.getConnection(url(), properties);
    }

    boolean answers() {
        try (var connection = connect();
                var statement = connection.createStatement()) {
            return statement.execute("select 1");
        } catch (SQLException _) {
            return false;
        }
    }

    /// All processes stop where they are; connections stay and nothing answers.
    void freeze() {
        process.pause();
    }

    void thaw() {
        process.resume();
    }

    char state() {
        return process.state();
    }

    /// As a crash.
    void kill() {
        process.kill();
    }

    void startAgain() {
        if (!process.isAlive()) {
            process = run();
        }
        awaitAnswer();
    }

    /// Ends all sessions of the nodes, whatever they are at.
    ///
    /// @return how many
    int cutSessions() throws SQLException {
        try (var connection = connect();
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                                        + " where backend_type = 'client backend' and pid <>"
                                        + " pg_backend_pid()")) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    @Override
    public void close() {
        process.resume();
        process.kill();
    }
}
