package dev.tollgate.admin;

import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;

import com.fasterxml.uuid.Generators;
import dev.tollgate.admin.desired.DesiredState;
import dev.tollgate.admin.http.Contract;
import dev.tollgate.caller.Pepper;
import dev.tollgate.caller.Secret;
import dev.tollgate.schema.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jooq.DSLContext;

/// The admin API on a real PostgreSQL and a real port, one for all tests; each test class works in
/// an organization of its own.
final class AdminServer {

    static final String TOKEN = "a token for the tests, long enough to be one";
    static final Pepper PEPPER =
            new Pepper("a pepper for tests of at least 32 bytes".getBytes(StandardCharsets.UTF_8));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final AtomicInteger ORGANIZATIONS_MADE = new AtomicInteger();

    private static final class Running {
        static final AdminServer SERVER = new AdminServer();
    }

    final TestClock clock = new TestClock();
    final FakeNode node = new FakeNode();
    final Contract contract;
    final Vertx vertx = Vertx.vertx();

    private final Path data = dataDirectory();
    private final Database database;
    private final AdminApi.Parts parts;
    private final HttpServer server;

    private AdminServer() {
        database = Database.embedded(data, Path.of("target", "postgres-binaries"));
        Runtime.getRuntime().addShutdownHook(new Thread(database::close));
        contract = await(Contract.load(vertx));
        var ids = Generators.timeBasedEpochGenerator(new SecureRandom());
        parts =
                new AdminApi.Parts(
                        database.dsl(), PEPPER, clock, new SecureRandom(), ids::generate, node);
        var settings = AdminSettings.of(new Secret(TOKEN)).withHosts(Set.of("tollgate.example"));
        var router = await(AdminApi.router(vertx, parts, settings));
        server = await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    }

    static AdminServer running() {
        return Running.SERVER;
    }

    /// One of its own, for a test that ill-treats it.
    static AdminServer another() {
        return new AdminServer();
    }

    /// The process of its PostgreSQL whose children are all the others.
    ProcessHandle postmaster() throws IOException {
        var pid = Files.readAllLines(data.resolve("postgres/postmaster.pid")).getFirst().strip();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    DSLContext database() {
        return database.dsl();
    }

    int port() {
        return server.actualPort();
    }

    /// A new organization.
    String organization() {
        var name = "organization-" + ORGANIZATIONS_MADE.incrementAndGet();
        database().insertInto(ORGANIZATIONS).set(ORGANIZATIONS.NAME, name).execute();
        return name;
    }

    DesiredState desiredState(Map<String, String> environment) {
        return AdminApi.desiredState(
                parts, variable -> Optional.ofNullable(environment.get(variable)));
    }

    AdminClient client(String organization) {
        return new AdminClient(this, organization, TOKEN);
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Path dataDirectory() {
        try {
            return Files.createTempDirectory(Path.of("target"), "admin-data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
