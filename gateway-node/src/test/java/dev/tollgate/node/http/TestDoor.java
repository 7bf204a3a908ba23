package dev.tollgate.node.http;

import dev.tollgate.budget.BudgetSet;
import dev.tollgate.budget.Standing;
import dev.tollgate.caller.Anonymous;
import dev.tollgate.caller.ApiKey;
import dev.tollgate.caller.Authenticator;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.KeyFormat;
import dev.tollgate.caller.Pepper;
import dev.tollgate.caller.Role;
import dev.tollgate.catalogue.Catalogue;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.config.Configuration;
import dev.tollgate.config.Configurations;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.UsageReport;
import dev.tollgate.usage.Recorder;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/// A real server on a free port of loopback with a path that a test scripts.
final class TestDoor implements AutoCloseable {

    static final DoorSettings QUICK =
            new DoorSettings(
                    1024 * 1024,
                    64 * 1024,
                    8 * 1024,
                    Duration.ofMillis(300),
                    Duration.ofSeconds(30),
                    Duration.ofMillis(40),
                    Duration.ofMillis(400),
                    64 * 1024);

    static final Readiness READY = new Readiness(true, false, 7, "single");

    final Vertx vertx = Vertx.vertx();
    final BlockingQueue<Exchange> seen = new LinkedBlockingQueue<>();
    final BlockingQueue<Problem> refusedAtDoor = new LinkedBlockingQueue<>();
    final AtomicReference<Readiness> readiness = new AtomicReference<>(READY);
    final AtomicReference<List<Standing>> standings = new AtomicReference<>(List.of());
    final AtomicReference<Optional<RequestStory>> story = new AtomicReference<>(Optional.empty());
    final String key;
    private final AtomicReference<Function<Exchange, Future<Reply>>> path =
            new AtomicReference<>(_ -> Future.succeededFuture(whole("{}")));
    private final int port;
    private final Context context;

    TestDoor(DoorSettings settings, Anonymous anonymous) throws Exception {
        var pepper = new Pepper(new byte[32]);
        key = KeyFormat.mint(new Random(3)).reveal();
        var shown = (KeyFormat.Key) KeyFormat.read(key);
        var caller = new Caller("acme", shown.id(), "ci", "u1", "t1", "p1", Role.MEMBER, List.of());
        var known =
                new ApiKey(caller, pepper.hmac(shown.secret()), Optional.empty(), Optional.empty());
        var authenticator =
                new Authenticator(
                        id -> id.equals(shown.id()) ? Optional.of(known) : Optional.empty(),
                        pepper,
                        anonymous,
                        InstantSource.fixed(Instant.EPOCH));
        var parts =
                new DoorParts(
                        exchange -> {
                            seen.add(exchange);
                            return path.get().apply(exchange);
                        },
                        new FixedConfigurations(),
                        authenticator,
                        new DoorRecorder(refusedAtDoor),
                        (_, model) -> !model.startsWith("hidden"),
                        (_, _) -> Future.succeededFuture(standings.get()),
                        (_, _, id) ->
                                Future.succeededFuture(
                                        story.get().filter(told -> told.id().equals(id))),
                        readiness::get,
                        UUID::randomUUID,
                        System::currentTimeMillis,
                        System::nanoTime);
        var verticle = new ServerVerticle(settings, parts);
        vertx.deployVerticle(verticle).await(10, TimeUnit.SECONDS);
        port = verticle.port;
        context = verticle.eventLoop();
    }

    private static final class ServerVerticle extends VerticleBase {
        private final DoorSettings settings;
        private final DoorParts parts;
        private int port;

        ServerVerticle(DoorSettings settings, DoorParts parts) {
            this.settings = settings;
            this.parts = parts;
        }

        Context eventLoop() {
            return context;
        }

        @Override
        public Future<HttpServer> start() {
            return new DoorServer(vertx, settings, parts)
                    .create()
                    .listen(0, "127.0.0.1")
                    .onSuccess(server -> port = server.actualPort());
        }
    }

    /// What the path answers from now on.
    void answers(Function<Exchange, Future<Reply>> next) {
        path.set(next);
    }

    /// A stream the path answers with from now on.
    ScriptedStream streams() {
        var stream = new ScriptedStream(context);
        var headers = List.of(Map.entry("content-type", "text/event-stream"));
        path.set(_ ->
                Future.succeededFuture(
                        new Reply(200, headers, stream, Future.succeededFuture(NO_USAGE))));
        return stream;
    }

    private static final Outcome NO_USAGE = Outcome.unsettled(UsageReport.notReached(0));

    static Reply whole(String body) {
        return new Reply(
                200,
                List.of(Map.entry("content-type", "application/json")),
                new Reply.Whole(body.getBytes(StandardCharsets.UTF_8)),
                Future.succeededFuture(NO_USAGE));
    }

    Wire connect() throws IOException {
        return Wire.to(port);
    }

    Wire connect(int receiveBytes) throws IOException {
        return Wire.to(port, receiveBytes);
    }

    /// The next request that reached the path.
    Exchange nextSeen() throws InterruptedException {
        var exchange = seen.poll(10, TimeUnit.SECONDS);
        if (exchange == null) {
            throw new AssertionError("no request reached the path within 10 s");
        }
        return exchange;
    }

    static String post(String path, String headers, String body) {
        return "POST "
                + path
                + " HTTP/1.1\r\nHost: localhost\r\n"
                + headers
                + "Content-Length: "
                + body.getBytes(StandardCharsets.ISO_8859_1).length
                + "\r\n\r\n"
                + body;
    }

    static String chat() {
        return post("/v1/chat/completions", "", "{\"model\":\"gpt-x\",\"messages\":[]}");
    }

    static String messages() {
        return post(
                "/v1/messages",
                "anthropic-version: 2023-06-01\r\n",
                "{\"model\":\"claude-x\",\"messages\":[]}");
    }

    static String get(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
    }

    @Override
    public void close() throws TimeoutException {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    private record DoorRecorder(BlockingQueue<Problem> refused) implements Recorder {
        @Override
        public Recording start(Exchange exchange, Kind kind) {
            throw new AssertionError("the door starts no recording");
        }

        @Override
        public void refusedAtDoor(
                String requestId, String path, Problem problem, long durationNanos) {
            refused.add(problem);
        }

        @Override
        public void failedOver(Exchange exchange, Outcome settled) {
            throw new AssertionError("the door makes no attempts");
        }
    }

    private static final class FixedConfigurations implements Configurations {

        private static final Provider OPENAI = provider("openai", Dialect.OPENAI);
        private static final Provider ANTHROPIC = provider("anthropic", Dialect.ANTHROPIC);

        private static Provider provider(String name, Dialect dialect) {
            var url = URI.create("http://127.0.0.1:1/v1");
            return new Provider(name, name, dialect, url, Optional.empty());
        }

        private static Deployment deployment(Provider provider, String model) {
            return new Deployment(provider, Model.unlisted(model), model);
        }

        @Override
        public Configuration current(String organization) {
            var catalogue =
                    new Catalogue(
                            List.of(OPENAI, ANTHROPIC),
                            List.of(
                                    deployment(OPENAI, "gpt-x"),
                                    deployment(OPENAI, "org/model"),
                                    deployment(OPENAI, "hidden-1"),
                                    deployment(ANTHROPIC, "claude-x"),
                                    deployment(ANTHROPIC, "claude-y")));
            return new Configuration(
                    organization, 7, Map.of(), new BudgetSet(7, List.of()), catalogue);
        }

        @Override
        public Optional<Configuration> withKey(String keyId) {
            return Optional.empty();
        }

        @Override
        public Future<Configuration> refresh(String organization, long version) {
            return Future.succeededFuture(current(organization));
        }
    }

    static Function<Exchange, Future<Reply>> refusing(Problem problem) {
        return _ -> Refusal.of(problem);
    }
}
