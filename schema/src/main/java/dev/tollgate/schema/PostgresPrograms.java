package dev.tollgate.schema;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Runs `initdb` and `pg_ctl`.
///
/// PostgreSQL refuses to run as root, but not in a user namespace where root is nobody in
/// particular, and whose files are still root's: so root starts it through `unshare`.
final class PostgresPrograms {

    private static final List<String> AS_NOBODY = List.of("unshare", "--user");

    private final Path directory;
    private final List<String> prefix;

    private PostgresPrograms(Path directory, List<String> prefix) {
        this.directory = directory;
        this.prefix = prefix;
    }

    /// The programs in `binaries/bin`, for the user this process runs as.
    static PostgresPrograms of(Path binaries) throws IOException {
        if (new UnixSystem().getUid() != 0) {
            return new PostgresPrograms(binaries, List.of());
        }
        if (!canUnshare()) {
            throw new DatabaseStartException(
                    "user: root, where user namespaces are not allowed, and PostgreSQL does not run"
                            + " as root (expected: another user, or an external PostgreSQL in"
                            + " TOLLGATE_DATABASE_URL)");
        }
        return new PostgresPrograms(binaries, AS_NOBODY);
    }

    private static boolean canUnshare() {
        var command = new ArrayList<>(AS_NOBODY);
        command.add("true");
        try {
            return execute(command).succeeded();
        } catch (IOException _) {
            // No such program here.
            return false;
        }
    }

    /// Makes a cluster whose only role is `tollgate`, with the password in a file.
    Result createCluster(Path cluster, Path passwordFile) throws IOException {
        return run(
                "initdb",
                "--pgdata=" + cluster,
                "--username=" + EmbeddedPostgres.ROLE,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions");
    }

    /// Starts a server in a session of its own, so that a Ctrl-C meant for the gateway does not
    /// reach it, and waits until it answers.
    Result start(Path cluster, Path log, Duration wait) throws IOException {
        return run(
                "pg_ctl",
                "start",
                "--pgdata=" + cluster,
                "--log=" + log,
                "--wait",
                seconds(wait),
                "--silent");
    }

    /// Stops the server of a cluster: `fast` ends its sessions and writes all to disk, `immediate`
    /// leaves that to the next start.
    Result stop(Path cluster, String mode, Duration wait) throws IOException {
        return run(
                "pg_ctl",
                "stop",
                "--pgdata=" + cluster,
                "--mode=" + mode,
                "--wait",
                seconds(wait),
                "--silent");
    }

    private static String seconds(Duration wait) {
        return "--timeout=" + wait.toSeconds();
    }

    private Result run(String program, String... arguments) throws IOException {
        var command = new ArrayList<>(prefix);
        command.add(directory.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        return execute(command);
    }

    private static Result execute(List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        // PGDATA, PGPORT and their like are meant for another PostgreSQL.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        var process = builder.start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Result(process.waitFor(), output.strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroy();
            throw (IOException) new InterruptedIOException(command.getFirst()).initCause(e);
        }
    }

    /// How a program ended and what it said.
    record Result(int exitCode, String output) {

        boolean succeeded() {
            return exitCode == 0;
        }
    }
}
