package dev.tollgate.node.http;

import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Problem.InvalidRequest;
import dev.tollgate.problem.Refusal;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The gateway's HTTP server, one for each verticle: the table of its paths, and the framing it
/// takes.
public final class DoorServer {

    private static final Map<String, Endpoint> ENDPOINTS =
            Arrays.stream(Endpoint.values())
                    .collect(Collectors.toUnmodifiableMap(Endpoint::path, Function.identity()));
    private static final String MODELS = "/v1/models/";
    private static final String REQUESTS = "/v1/tollgate/requests/";

    private final Vertx vertx;
    private final DoorSettings settings;
    private final DoorParts parts;
    private final Answers answers;
    private final Door door;

    public DoorServer(Vertx vertx, DoorSettings settings, DoorParts parts) {
        this.vertx = vertx;
        this.settings = settings;
        this.parts = parts;
        this.answers = new Answers(vertx);
        this.door = new Door(vertx, settings, parts, answers);
    }

    /// Serves one method of one path.
    @FunctionalInterface
    private interface Service extends BiConsumer<Call, RoutingContext> {}

    /// A server that is not listening yet. To be made, and closed, on a verticle's context.
    public HttpServer create() {
        var watch = new ConnectionWatch(settings.connectionIdleMax().toNanos(), parts.nanoTime());
        vertx.setPeriodic(
                Math.max(1, settings.connectionIdleMax().toMillis() / 4), _ -> watch.sweep());
        var router = router();
        return vertx.createHttpServer(options())
                .connectionHandler(watch::opened)
                .invalidRequestHandler(this::invalid)
                .requestHandler(request -> {
                    watch.began(request);
                    handle(router, request);
                });
    }

    /// No compression: it would hold streams back. No HTTP/2 without TLS: one framing to get right.
    /// No idle timeout: [ConnectionWatch] knows better.
    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setMaxHeaderSize(settings.headerBytesMax())
                .setMaxInitialLineLength(settings.firstLineBytesMax())
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setCompressionSupported(false)
                .setDecompressionSupported(false)
                .setHandle100ContinueAutomatically(false)
                // No WebSockets here, and each handler of theirs looks at each message.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setHttp2ClearTextEnabled(false);
    }

    private Router router() {
        var callers = new CallerRoutes(parts, door, answers);
        var router = Router.router(vertx);
        for (var endpoint : Endpoint.values()) {
            route(
                    router,
                    endpoint.path(),
                    Map.of(HttpMethod.POST, (call, _) -> door.serve(call, endpoint)));
        }
        route(router, "/v1/models", get((call, _) -> callers.models(call)));
        route(
                router,
                MODELS + "*",
                get((call, context) -> callers.model(call, rest(context, MODELS))));
        route(router, "/v1/tollgate/me", get((call, _) -> callers.me(call)));
        route(
                router,
                REQUESTS + "*",
                get((call, context) -> callers.request(call, rest(context, REQUESTS))));
        route(router, "/health/live", get((call, _) -> live(call)));
        route(router, "/health/ready", get((call, _) -> ready(call)));
        Service greeting = (call, _) -> answers.json(call, 200, greeting());
        route(router, "/", Map.of(HttpMethod.GET, greeting, HttpMethod.HEAD, greeting));
        router.route().handler(context -> unknown(context, "unknown", false));
        return router;
    }

    private static Map<HttpMethod, Service> get(Service service) {
        return Map.of(HttpMethod.GET, service);
    }

    private void route(Router router, String path, Map<HttpMethod, Service> services) {
        var allow =
                String.join(
                        ", ", services.keySet().stream().map(HttpMethod::name).sorted().toList());
        router.route(path)
                .handler(context -> {
                    var service = services.get(context.request().method());
                    if (service == null) {
                        context.response().putHeader("allow", allow);
                        unknown(context, path, true);
                    } else {
                        serve(context, path, service);
                    }
                });
    }

    private void serve(RoutingContext context, String path, Service service) {
        var call = open(context, path);
        try {
            service.accept(call, context);
        } catch (RuntimeException failure) {
            door.refuse(call, failure);
        }
    }

    private void unknown(RoutingContext context, String path, boolean pathExists) {
        var request = context.request();
        var problem =
                new Problem.UnknownEndpoint(
                        request.method().name(), CallerHeaders.path(request), pathExists);
        door.refuse(open(context, path), new Refusal(problem));
    }

    private Call open(RoutingContext context, String path) {
        var request = context.request();
        return door.open(request, path, CallerHeaders.dialect(request));
    }

    private void handle(Router router, HttpServerRequest request) {
        try {
            requireOneReading(request);
        } catch (Refusal refusal) {
            var call = door.open(request, "unknown", CallerHeaders.dialect(request));
            door.refuse(call, refusal);
            return;
        }
        var endpoint = ENDPOINTS.get(CallerHeaders.path(request));
        if (endpoint != null && HttpMethod.POST.equals(request.method())) {
            serve(request, endpoint);
        } else {
            router.handle(request);
        }
    }

    /// What nearly every request is: found without a walk through the routes.
    private void serve(HttpServerRequest request, Endpoint endpoint) {
        var call = door.open(request, endpoint.path(), endpoint.dialect());
        try {
            door.serve(call, endpoint);
        } catch (RuntimeException failure) {
            door.refuse(call, failure);
        }
    }

    /// What two readers could read differently is refused: a target with a host of its own beside
    /// the header (we are no proxy), one with broken escapes, any number of `Host` but one (RFC
    /// 9112, section 3.2), and codings around `chunked`.
    private static void requireOneReading(HttpServerRequest request) {
        var target = request.uri();
        if (!isPath(target)) {
            throw Invalid.of("target", target, "a percent-encoded path");
        }
        var hosts = request.headers().getAll(HttpHeaders.HOST).size();
        if (hosts > 1 || (hosts == 0 && request.version() != HttpVersion.HTTP_1_0)) {
            throw Invalid.of("host", hosts + " of them", "one");
        }
        if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            requireChunked(request.headers().getAll(HttpHeaders.TRANSFER_ENCODING));
        }
    }

    private static void requireChunked(List<String> codings) {
        if (codings.size() > 1 || !codings.getFirst().equalsIgnoreCase("chunked")) {
            throw Invalid.of("transfer-encoding", String.join(", ", codings), "chunked");
        }
    }

    /// Whether `target` begins with a slash and has visible ASCII only, its percent signs before
    /// two hexadecimal digits each.
    private static boolean isPath(String target) {
        if (target.isEmpty() || target.charAt(0) != '/') {
            return false;
        }
        for (var at = 1; at < target.length(); at++) {
            var character = target.charAt(at);
            if (character < '!' || character > '~' || (character == '%' && !escape(target, at))) {
                return false;
            }
        }
        return true;
    }

    private static boolean escape(String target, int at) {
        return at + 2 < target.length()
                && HexFormat.isHexDigit(target.charAt(at + 1))
                && HexFormat.isHexDigit(target.charAt(at + 2));
    }

    private static String rest(RoutingContext context, String prefix) {
        var path = CallerHeaders.path(context.request());
        return path.startsWith(prefix) ? path.substring(prefix.length()) : "";
    }

    private static JsonObject greeting() {
        return new JsonObject().put("name", "tollgate");
    }

    private void live(Call call) {
        answers.json(call, 200, new JsonObject().put("status", "live"));
    }

    private void ready(Call call) {
        var readiness = parts.readiness().get();
        var takes = readiness.ready() && !readiness.draining();
        var status = readiness.draining() ? "draining" : takes ? "ready" : "starting";
        var body =
                new JsonObject()
                        .put("status", status)
                        .put("configuration_revision", readiness.configurationRevision())
                        .put("lease", readiness.lease());
        answers.json(call, takes ? 200 : 503, body);
    }

    /// What Netty could not read, or would read otherwise than others might.
    private void invalid(HttpServerRequest request) {
        var cause = request.decoderResult().cause();
        var status =
                switch (cause) {
                    case TooLongHttpLineException _ -> 414;
                    case TooLongHttpHeaderException _ -> 431;
                    case null, default -> 400;
                };
        var expected =
                switch (status) {
                    case 414 ->
                            "a first line of at most " + settings.firstLineBytesMax() + " bytes";
                    case 431 -> "headers of at most " + settings.headerBytesMax() + " bytes";
                    default -> "HTTP/1.1 as RFC 9112 has it";
                };
        var call = door.open(request, "invalid", Dialect.OPENAI);
        var problem = new InvalidRequest("request", "not readable", expected);
        parts.recorder().refusedAtDoor(call.requestId(), call.route(), problem, 0);
        request.response().putHeader("connection", "close");
        answers.problem(call, problem, status);
        request.connection().close();
    }
}
