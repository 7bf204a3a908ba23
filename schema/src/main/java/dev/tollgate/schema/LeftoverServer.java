package dev.tollgate.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server that a killed gateway left running on a cluster, found by the `postmaster.pid` it
/// wrote.
///
/// The process id in that file may meanwhile be another process's, which must not be harmed: the
/// server is known by its program, and its command line or start time.
final class LeftoverServer {

    private static final Logger LOG = LoggerFactory.getLogger(LeftoverServer.class);
    private static final Duration STOP_WAIT = Duration.ofSeconds(5);
    private static final Duration START_TIME_SLACK = Duration.ofSeconds(5);

    private LeftoverServer() {}

    /// Ends it. The caller holds the data directory's lock, so no gateway still uses that server.
    static void end(Path cluster, PostgresPrograms programs) throws IOException {
        var pidFile = cluster.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        var lines = Files.readAllLines(pidFile);
        var process = process(lines);
        if (process.filter(found -> isServer(found, cluster, lines)).isPresent()) {
            stop(process.get(), cluster, programs);
        } else if (process.isPresent()) {
            disown(pidFile, lines);
        }
    }

    private static void stop(ProcessHandle server, Path cluster, PostgresPrograms programs)
            throws IOException {
        LOG.warn(
                "ending the PostgreSQL (process {}) that an earlier run left on {}",
                server.pid(),
                cluster);
        if (!programs.stop(cluster, "fast", STOP_WAIT).succeeded()
                && !programs.stop(cluster, "immediate", STOP_WAIT).succeeded()
                && server.info().command().isPresent()) {
            throw new DatabaseStartException(
                    "an earlier run left PostgreSQL (process %d) on %s and it does not stop (expected: end it by hand)"
                            .formatted(server.pid(), cluster));
        }
    }

    /// Puts our own process id into the file, which PostgreSQL, knowing us for its grandparent,
    /// takes for a stale one.
    ///
    /// The file must not be deleted: by what else is in it PostgreSQL makes sure that no orphan of
    /// the former server still writes.
    private static void disown(Path pidFile, List<String> lines) throws IOException {
        var changed = new ArrayList<>(lines);
        changed.set(0, Long.toString(ProcessHandle.current().pid()));
        Files.write(pidFile, changed);
    }

    /// Lines of the file: process id, data directory, start time in epoch seconds, and more.
    private static Optional<ProcessHandle> process(List<String> lines) {
        return lines.stream()
                .findFirst()
                .flatMap(LeftoverServer::number)
                .flatMap(ProcessHandle::of);
    }

    private static boolean isServer(ProcessHandle process, Path cluster, List<String> lines) {
        var info = process.info();
        // A zombie, which ended but nobody asked how, has no command.
        var isPostgres =
                info.command().filter(command -> command.endsWith("/postgres")).isPresent();
        var namesCluster =
                info.arguments()
                        .filter(arguments -> List.of(arguments).contains(cluster.toString()))
                        .isPresent();
        return isPostgres && (namesCluster || startedThen(info, lines));
    }

    private static boolean startedThen(ProcessHandle.Info info, List<String> lines) {
        var written =
                lines.stream()
                        .skip(2)
                        .findFirst()
                        .flatMap(LeftoverServer::number)
                        .map(Instant::ofEpochSecond);
        var started = info.startInstant();
        return written.isPresent()
                && started.isPresent()
                && Duration.between(started.get(), written.get()).abs().compareTo(START_TIME_SLACK)
                        <= 0;
    }

    private static Optional<Long> number(String line) {
        try {
            return Optional.of(Long.parseLong(line.strip()));
        } catch (NumberFormatException _) {
            // Cut short by a crash of the machine, after which nothing runs.
            return Optional.empty();
        }
    }
}
