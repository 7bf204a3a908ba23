package dev.tollgate.schema;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL server of our own, from the class path, with its data under the data directory.
///
/// It listens on loopback alone, at a free port of each start, and asks for a random password that
/// is kept in the cluster, readable by its owner only. Commits are on disk when they return. Files:
/// `postgres/` the cluster, `postgres.log` its complaints (begun anew past 10 MB), `tollgate.lock`.
final class EmbeddedPostgres implements AutoCloseable {

    static final String ROLE = "tollgate";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final String AUTHENTICATION =
            """
            # Written by Tollgate. Loopback with the password, nobody else.
            host all all 127.0.0.1/32 scram-sha-256
            """;
    private static final Duration START_WAIT = Duration.ofSeconds(30);
    private static final Duration STOP_WAIT = Duration.ofSeconds(20);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
    private static final int START_ATTEMPTS_MAX = 4;
    private static final int PASSWORD_BYTES = 32;
    private static final long LOG_BYTES_MAX = 10_000_000;
    private static final int LOG_BYTES_SHOWN_MAX = 2_000;

    private final PostgresPrograms programs;
    private final DataDirectoryLock lock;
    private final Path cluster;
    private final String version;
    private final String password;
    private int port;

    private EmbeddedPostgres(
            PostgresPrograms programs,
            DataDirectoryLock lock,
            Path cluster,
            String version,
            String password) {
        this.programs = programs;
        this.lock = lock;
        this.cluster = cluster;
        this.version = version;
        this.password = password;
    }

    /// Starts the server, after ending one that a killed process left; makes the cluster on the
    /// first start.
    static EmbeddedPostgres start(Path dataDirectory, Path binariesDirectory) {
        try {
            var data = ownedDirectory(dataDirectory);
            var lock = DataDirectoryLock.acquire(data);
            try {
                return start(data, Files.createDirectories(binariesDirectory).toRealPath(), lock);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new DatabaseStartException(
                    "TOLLGATE_DATA: %s cannot be used (expected: a directory this user may write): %s"
                            .formatted(dataDirectory, e),
                    e);
        }
    }

    private static EmbeddedPostgres start(Path data, Path binariesDirectory, DataDirectoryLock lock)
            throws IOException {
        var programs = PostgresPrograms.of(PostgresBinaries.unpackedIn(binariesDirectory));
        var cluster = data.resolve("postgres");
        var version = PostgresBinaries.version();
        if (Files.exists(cluster)) {
            requireSameMajorVersion(cluster, version);
            LeftoverServer.end(cluster, programs);
        } else {
            create(cluster, programs);
        }
        var password = Files.readString(passwordFile(cluster)).strip();
        var server = new EmbeddedPostgres(programs, lock, cluster, version, password);
        server.run(data.resolve("postgres.log"));
        return server;
    }

    DatabaseUrl url() {
        return new DatabaseUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres", ROLE, password);
    }

    int port() {
        return port;
    }

    String password() {
        return password;
    }

    /// Stops the server, its data then being on disk, and gives the data directory free.
    @Override
    public void close() {
        try {
            if (!programs.stop(cluster, "fast", STOP_WAIT).succeeded()) {
                LOG.warn(
                        "PostgreSQL on {} did not stop in {}; the next start recovers it",
                        cluster,
                        STOP_WAIT);
                programs.stop(cluster, "immediate", STOP_WAIT);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.close();
        }
    }

    @Override
    public String toString() {
        return "embedded PostgreSQL " + version + " on 127.0.0.1:" + port + ", data in " + cluster;
    }

    private static Path ownedDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            var ownerOnly =
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------"));
            Files.createDirectories(directory, ownerOnly);
        }
        return directory.toRealPath();
    }

    private static void requireSameMajorVersion(Path cluster, String version) throws IOException {
        var made = Files.readString(cluster.resolve("PG_VERSION")).strip();
        if (!version.startsWith(made + ".")) {
            throw new DatabaseStartException(
                    "TOLLGATE_DATA: %s was made by PostgreSQL %s (expected: %s; dump it with the release that made it)"
                            .formatted(cluster, made, version));
        }
    }

    /// Beside its place and moved there when whole, so that a crash leaves no half-made cluster.
    private static void create(Path cluster, PostgresPrograms programs) throws IOException {
        var unfinished = cluster.resolveSibling("postgres.unfinished");
        var passwordFile = cluster.resolveSibling("postgres.unfinished-password");
        DirectoryTree.delete(unfinished);
        Files.deleteIfExists(passwordFile);
        writePassword(passwordFile);
        var made = programs.createCluster(unfinished, passwordFile);
        if (!made.succeeded()) {
            throw new DatabaseStartException(
                    "a PostgreSQL cluster cannot be made in " + cluster + ": " + made.output());
        }
        Files.move(passwordFile, passwordFile(unfinished));
        Files.writeString(unfinished.resolve("pg_hba.conf"), AUTHENTICATION);
        Files.move(unfinished, cluster, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path passwordFile(Path cluster) {
        return cluster.resolve("tollgate.password");
    }

    private static void writePassword(Path file) throws IOException {
        var bytes = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(bytes);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                file, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes) + "\n");
    }

    /// Tries again when the port was taken between finding and using it, or while the last
    /// processes of a server whose parent was killed are still ending.
    private void run(Path log) throws IOException {
        startNewLogWhenLong(log);
        for (var attempt = 1; ; attempt++) {
            var logStart = Files.exists(log) ? Files.size(log) : 0;
            port = freePort();
            Files.writeString(cluster.resolve("postgresql.conf"), configuration(port));
            if (programs.start(cluster, log, START_WAIT).succeeded()) {
                return;
            }
            var complaint = readFrom(log, logStart);
            if (attempt == START_ATTEMPTS_MAX || !passes(complaint)) {
                throw new DatabaseStartException(
                        "PostgreSQL does not start on " + cluster + ": " + complaint);
            }
            pause();
        }
    }

    private static boolean passes(String complaint) {
        return complaint.contains("Address already in use")
                || complaint.contains("pre-existing shared memory block");
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(RETRY_PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting to start PostgreSQL", e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String configuration(int port) {
        return """
        # Written by Tollgate at each start: changes made here are lost.
        listen_addresses = '127.0.0.1'
        port = %d
        unix_socket_directories = ''
        password_encryption = 'scram-sha-256'
        max_connections = 30
        # Durable: a commit that returned survives a crash.
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        # Small enough for a laptop. Nobody replicates from here, so the log holds only what recovery needs.
        shared_buffers = '64MB'
        wal_level = minimal
        max_wal_senders = 0
        max_wal_size = '256MB'
        min_wal_size = '80MB'
        jit = off
        timezone = 'UTC'
        log_timezone = 'UTC'
        lc_messages = 'C'
        log_min_messages = warning
        log_checkpoints = off
        # Values of a statement may be a caller's.
        log_min_error_statement = panic
        log_parameter_max_length_on_error = 0
        """
                .formatted(port);
    }

    private static void startNewLogWhenLong(Path log) throws IOException {
        if (Files.exists(log) && Files.size(log) > LOG_BYTES_MAX) {
            Files.move(
                    log, log.resolveSibling("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String readFrom(Path log, long position) throws IOException {
        if (!Files.exists(log)) {
            return "no log was written";
        }
        try (var file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(Math.max(position, file.length() - LOG_BYTES_SHOWN_MAX));
            var bytes = new byte[(int) (file.length() - file.getFilePointer())];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).strip();
        }
    }
}
