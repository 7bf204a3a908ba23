package dev.tollgate.loadtest.provider;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Predicate;

/// A provider on loopback that behaves as scripted, records what it saw, and keeps its own bill.
///
/// One event loop serves everything. The script may be changed from any thread at any time. The
/// record keeps every request and its body until [#forget()]; a long run should call it, or use the
/// bench mode.
public final class SimulatedProvider implements AutoCloseable {

    private static final long START_SECONDS = 20;
    private static final int HEADER_BYTES_MAX = 256 * 1_024;

    private final Vertx vertx;
    private final boolean ownsVertx;
    private final String host;
    private final HttpServer server;
    private final Service service;
    private final LongAdder benchServed;

    private SimulatedProvider(
            Vertx vertx,
            boolean ownsVertx,
            String host,
            HttpServer server,
            Service service,
            LongAdder benchServed) {
        this.vertx = vertx;
        this.ownsVertx = ownsVertx;
        this.host = host;
        this.server = server;
        this.service = service;
        this.benchServed = benchServed;
    }

    /// Starts on a free port with the defaults.
    public static SimulatedProvider start() {
        return start(ProviderOptions.defaults());
    }

    /// Starts with a Vert.x of its own, which [#close()] closes.
    public static SimulatedProvider start(ProviderOptions options) {
        var vertx =
                Vertx.vertx(
                        new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
        return start(vertx, true, options);
    }

    /// Starts on the caller's Vert.x. Not to be called on an event loop.
    public static SimulatedProvider start(Vertx vertx, ProviderOptions options) {
        return start(vertx, false, options);
    }

    private static SimulatedProvider start(
            Vertx vertx, boolean ownsVertx, ProviderOptions options) {
        var service = new Service(vertx, options);
        var served = new LongAdder();
        var server =
                vertx.createHttpServer(
                                new HttpServerOptions()
                                        .setHost(options.host())
                                        .setPort(options.port())
                                        .setHttp2ClearTextEnabled(false)
                                        .setMaxHeaderSize(HEADER_BYTES_MAX)
                                        .setMaxInitialLineLength(16 * 1_024))
                        .requestHandler(
                                options.bench() ? new BenchHandler(served) : service::handle);
        await(server.listen());
        return new SimulatedProvider(vertx, ownsVertx, options.host(), server, service, served);
    }

    public int port() {
        return server.actualPort();
    }

    /// For example `http://127.0.0.1:39021`, without a path.
    public String origin() {
        return "http://" + host + ":" + port();
    }

    /// What OpenAI clients take as base URL.
    public String openAiBaseUrl() {
        return origin() + "/v1";
    }

    /// What Anthropic clients take as base URL: they add `/v1` themselves.
    public String anthropicBaseUrl() {
        return origin();
    }

    /// What happens when no rule matches and the queue is empty. At first: replies "Hello!".
    public SimulatedProvider always(Behaviour behaviour) {
        service.script.always(behaviour);
        return this;
    }

    public SimulatedProvider always(Function<SeenRequest, Behaviour> behaviour) {
        service.script.always(behaviour);
        return this;
    }

    /// Adds to the queue; each model call takes one behaviour from it.
    public SimulatedProvider then(Behaviour behaviour) {
        service.script.then(behaviour);
        return this;
    }

    /// Adds a rule. Rules come before the queue, in the order they were added, and apply to every
    /// path, `/v1/models` and `count_tokens` included.
    public SimulatedProvider when(Predicate<SeenRequest> condition, Behaviour behaviour) {
        return when(condition, _ -> behaviour);
    }

    public SimulatedProvider when(
            Predicate<SeenRequest> condition, Function<SeenRequest, Behaviour> behaviour) {
        service.script.when(condition, behaviour);
        return this;
    }

    /// Everything seen, in the order of arrival.
    public List<SeenRequest> seen() {
        return service.seen();
    }

    /// The calls of models seen: without model lists, token counts and probes.
    public List<SeenRequest> modelCalls() {
        return seen().stream().filter(seen -> Service.isModelCall(seen.path())).toList();
    }

    /// One line per ended call of a model, in the order they ended.
    public List<BillLine> bill() {
        return service.bill.lines();
    }

    /// Completes when this many lines are on the bill.
    public Future<Void> billed(int lines) {
        return service.bill.reaches(lines);
    }

    /// Completes when this many model calls have arrived with their whole body.
    public Future<Void> arrived(int calls) {
        return service.arrivals.reaches(calls);
    }

    /// Forgets script, record and bill.
    public void forget() {
        service.forget();
    }

    /// Requests answered in bench mode.
    public long benchServed() {
        return benchServed.sum();
    }

    /// Closes the server, every connection and a Vert.x of its own.
    @Override
    public void close() {
        await(server.close());
        if (ownsVertx) {
            await(vertx.close());
        }
    }

    private static void await(Future<?> future) {
        try {
            future.await(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the simulated provider did not answer in time", e);
        }
    }
}
