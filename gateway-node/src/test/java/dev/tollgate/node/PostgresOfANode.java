package dev.tollgate.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The embedded PostgreSQL of a node, for tests to take away behind its back and to bring back on
/// the port it had.
final class PostgresOfANode {

    private final Path cluster;
    private final Path log;
    private final Path pgCtl;

    private PostgresOfANode(Path data, Path pgCtl) {
        this.cluster = data.resolve("postgres");
        this.log = data.resolve("postgres.log");
        this.pgCtl = pgCtl;
    }

    static PostgresOfANode in(Path data) throws IOException {
        try (var files = Files.walk(data.resolve("cache"))) {
            var pgCtl = files.filter(file -> file.endsWith("bin/pg_ctl")).findFirst().orElseThrow();
            return new PostgresOfANode(data, pgCtl);
        }
    }

    /// Ends it at once, as a crash would.
    void crash() throws IOException, InterruptedException {
        run(pgCtl.toString(), "stop", "--pgdata=" + cluster, "--mode=immediate", "--wait");
    }

    void start() throws IOException, InterruptedException {
        run(pgCtl.toString(), "start", "--pgdata=" + cluster, "--log=" + log, "--wait", "--silent");
    }

    /// It keeps its connections and answers nothing.
    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        var server = NodeProcess.postgres(cluster.getParent());
        var command = new ArrayList<>(List.of("kill", signal));
        Stream.concat(Stream.of(server), server.children())
                .forEach(process -> command.add(Long.toString(process.pid())));
        execute(command);
    }

    /// Root runs PostgreSQL where it is nobody in particular.
    private void run(String... command) throws IOException, InterruptedException {
        var whole = new ArrayList<String>();
        if (new UnixSystem().getUid() == 0) {
            whole.addAll(List.of("unshare", "--user"));
        }
        whole.addAll(List.of(command));
        execute(whole);
    }

    private static void execute(List<String> command) throws IOException, InterruptedException {
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    }
}
