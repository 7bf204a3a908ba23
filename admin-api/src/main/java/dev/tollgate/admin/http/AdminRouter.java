package dev.tollgate.admin.http;

import dev.tollgate.admin.problem.AdminProblem;
import dev.tollgate.admin.problem.AdminProblem.BodyTooLarge;
import dev.tollgate.admin.problem.AdminProblem.DatabaseAway;
import dev.tollgate.admin.problem.AdminProblem.Failed;
import dev.tollgate.admin.problem.AdminProblem.Invalid;
import dev.tollgate.admin.problem.AdminProblem.NotJson;
import dev.tollgate.admin.problem.AdminProblem.Unauthenticated;
import dev.tollgate.admin.problem.AdminProblem.UnknownMethod;
import dev.tollgate.admin.problem.AdminProblem.UnknownPath;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.admin.problem.Fault;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.openapi.contract.Location;
import java.nio.charset.StandardCharsets;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import org.jooq.exception.DataAccessException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The routes of the OpenAPI document, each with what all calls have in common: request id, browser
/// guard, token, body limit, a virtual thread, and problems.
///
/// The event loop only moves bytes. A route exists because the document has it, and cannot exist
/// without a token unless the document says so.
public final class AdminRouter {

    private static final Logger LOG = LoggerFactory.getLogger(AdminRouter.class);
    private static final String GUARDED = "/admin/";
    private static final String ACTOR = "admin-token";
    private static final String REQUEST_ID = "x-request-id";
    private static final Duration UNANSWERED_MAX = Duration.ofSeconds(4);
    private static final Duration DATABASE_RETRY_AFTER = Duration.ofSeconds(1);
    private static final String CONNECTION_TROUBLE = "08";

    private final Contract contract;
    private final Map<String, Operation> operations;
    private final Parts parts;

    /// What the frame is made of.
    ///
    /// @param ids of requests
    public record Parts(
            AdminToken token,
            BrowserGuard guard,
            Gate gate,
            DatabaseWatch database,
            Supplier<UUID> ids,
            int bodyBytesMax) {}

    /// @param operations by `operationId`
    /// @throws IllegalArgumentException when document and operations do not match
    public AdminRouter(Contract contract, Map<String, Operation> operations, Parts parts) {
        this.contract = contract;
        this.operations = Map.copyOf(operations);
        this.parts = parts;
        checkMatch();
    }

    public Router router(Vertx vertx) {
        var router = Router.router(vertx);
        router.route().handler(this::begin);
        router.route(GUARDED + "*").handler(this::authenticate);
        router.route().handler(BodyHandler.create(false).setBodyLimit(parts.bodyBytesMax));
        var methods = new TreeMap<String, TreeSet<String>>();
        for (var operation : contract.operations()) {
            var path = operation.getAbsoluteOpenAPIPath().replaceAll("\\{(\\w+)}", ":$1");
            methods.computeIfAbsent(path, _ -> new TreeSet<>())
                    .add(operation.getHttpMethod().name());
            router.route(operation.getHttpMethod(), path)
                    .handler(context -> handle(context, operation));
        }
        methods.forEach((path, allowed) ->
                router.route(path)
                        .handler(context ->
                                refuse(
                                        context,
                                        new UnknownMethod(
                                                context.request().method().name(),
                                                List.copyOf(allowed)))));
        router.route().handler(context -> refuse(context, new UnknownPath(path(context))));
        router.route().failureHandler(this::fail);
        return router;
    }

    private void checkMatch() {
        var documented = new TreeSet<String>();
        contract.operations().forEach(operation -> documented.add(operation.getOperationId()));
        if (!documented.equals(operations.keySet())) {
            throw new IllegalArgumentException(
                    "operations: %s (expected: those of the document, %s)"
                            .formatted(new TreeSet<>(operations.keySet()), documented));
        }
    }

    private void begin(RoutingContext context) {
        var id = parts.ids.get().toString();
        context.put(REQUEST_ID, id);
        context.response()
                .putHeader(REQUEST_ID, id)
                .putHeader("cache-control", "no-store")
                .putHeader("x-content-type-options", "nosniff");
        parts.guard
                .refusal(
                        host(context), header(context, "origin"), header(context, "sec-fetch-site"))
                .ifPresentOrElse(problem -> refuse(context, problem), context::next);
    }

    private void authenticate(RoutingContext context) {
        var authorization = header(context, "authorization");
        if (parts.token.allows(authorization)) {
            context.next();
        } else {
            refuse(context, new Unauthenticated(authorization.isEmpty()));
        }
    }

    private void handle(RoutingContext context, io.vertx.openapi.contract.Operation documented) {
        var handler = operations.get(documented.getOperationId());
        var reply = context.vertx().getOrCreateContext();
        var contentType = header(context, "content-type");
        if (handler == null) {
            refuse(context, new UnknownPath(path(context)));
            return;
        }
        if (documented.getRequestBody() != null && !isJson(contentType)) {
            refuse(context, new NotJson(contentType));
            return;
        }
        var call = call(context, documented);
        if (call.isEmpty()) {
            refuse(
                    context,
                    new Invalid(
                            List.of(
                                    new Fault(
                                            "query",
                                            context.request().query(),
                                            "percent-encoded UTF-8"))));
            return;
        }
        var headers = new HashMap<String, String>();
        for (var parameter : documented.getParameters()) {
            var value = context.request().getHeader(parameter.getName());
            if (parameter.getIn() == Location.HEADER && value != null) {
                headers.put(parameter.getName(), value);
            }
        }
        var pending = new Pending(answer -> send(context, reply, answer));
        parts.gate.start(() -> pending.run(() -> answer(call.get(), handler, headers, pending)));
        if (call.get().path().startsWith(GUARDED)) {
            watch(context.vertx(), pending, call.get());
        }
    }

    /// A call that takes long may have much to read; or PostgreSQL stands still, which a connection
    /// does not show. Then the call is answered and its work is ended.
    private void watch(Vertx vertx, Pending pending, Call call) {
        vertx.setTimer(
                UNANSWERED_MAX.toMillis(),
                _ -> {
                    if (!pending.answered()) {
                        parts.gate.start(() -> look(vertx, pending, call));
                    }
                });
    }

    private void look(Vertx vertx, Pending pending, Call call) {
        if (parts.database.answers()) {
            watch(vertx, pending, call);
        } else {
            LOG.warn("PostgreSQL does not answer: {}", call);
            pending.giveUp(
                    problem(new DatabaseAway(DATABASE_RETRY_AFTER), call.path(), call.requestId()));
        }
    }

    /// Blocks.
    private Answer answer(
            Call call, Operation operation, Map<String, String> headers, Pending pending) {
        try {
            // Health must not wait behind calls that wait for the database.
            return call.path().startsWith(GUARDED)
                    ? parts.gate.inTurn(() -> run(call, operation, headers))
                    : run(call, operation, headers);
        } catch (AdminRefusal refusal) {
            return problem(refusal.problem(), call.path(), call.requestId());
        } catch (RuntimeException bug) {
            if (pending.answered()) {
                // Given up and interrupted: what it died of says nothing.
                LOG.debug("Given up: {}", call, bug);
                return problem(new Failed(), call.path(), call.requestId());
            }
            return problem(problemOf(bug, call.toString()), call.path(), call.requestId());
        }
    }

    private Answer run(Call call, Operation operation, Map<String, String> headers) {
        var work = operation.read(call);
        contract.check(call, "application/json", headers);
        return work.run();
    }

    private static AdminProblem problemOf(RuntimeException failure, String call) {
        if (failure instanceof DataAccessException database && isAway(database)) {
            LOG.warn("PostgreSQL does not answer: {}", call);
            return new DatabaseAway(DATABASE_RETRY_AFTER);
        }
        LOG.error("Admin call failed: {}", call, failure);
        return new Failed();
    }

    /// No connection, a lost one, or a server that is going down or coming up.
    private static boolean isAway(DataAccessException failure) {
        var state = failure.sqlState();
        return failure.getCause() instanceof SQLTransientConnectionException
                || state.startsWith(CONNECTION_TROUBLE)
                || state.startsWith("57P");
    }

    private Optional<Call> call(
            RoutingContext context, io.vertx.openapi.contract.Operation documented) {
        var request = context.request();
        Map<String, List<String>> query;
        try {
            query = new QueryStringDecoder(request.uri()).parameters();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
        var body = context.body().buffer();
        return Optional.of(
                new Call(
                        documented.getOperationId(),
                        request.method().name(),
                        path(context),
                        context.pathParams(),
                        query,
                        new Revision(header(context, "if-match"), header(context, "if-none-match")),
                        header(context, "idempotency-key"),
                        body == null ? new byte[0] : body.getBytes(),
                        context.get(REQUEST_ID, ""),
                        request.remoteAddress() == null
                                ? ""
                                : String.valueOf(request.remoteAddress().hostAddress()),
                        ACTOR));
    }

    private void fail(RoutingContext context) {
        var failure = context.failure();
        if (failure instanceof AdminRefusal refusal) {
            refuse(context, refusal.problem());
        } else if (context.statusCode() == 413) {
            refuse(context, new BodyTooLarge(parts.bodyBytesMax));
        } else if (context.statusCode() >= 400 && context.statusCode() < 500) {
            refuse(
                    context,
                    new Invalid(List.of(new Fault("request", path(context), "a valid request"))));
        } else {
            LOG.error("Admin request failed: {}", context.get(REQUEST_ID, ""), failure);
            refuse(context, new Failed());
        }
    }

    private static void refuse(RoutingContext context, AdminProblem problem) {
        var requestId = context.get(REQUEST_ID, "");
        write(context, problem(problem, path(context), requestId));
    }

    private static Answer problem(AdminProblem problem, String path, String requestId) {
        return ProblemRenderer.render(problem, path, requestId);
    }

    private static void send(RoutingContext context, Context reply, Answer answer) {
        reply.runOnContext(_ -> write(context, answer));
    }

    private static void write(RoutingContext context, Answer answer) {
        var response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(answer.status());
        answer.headers().forEach(response::putHeader);
        // A body that was not read would stand in the way of the next request on this connection.
        if (!context.request().isEnded() && context.request().version() != HttpVersion.HTTP_2) {
            response.putHeader("connection", "close");
        }
        if (answer.contentType().isEmpty()) {
            response.end();
        } else {
            response.putHeader("content-type", answer.contentType());
            response.end(answer.body(), StandardCharsets.UTF_8.name());
        }
    }

    private static boolean isJson(String contentType) {
        var type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.equals("application/json");
    }

    /// `Host`, or what HTTP/2 has in its stead.
    private static String host(RoutingContext context) {
        var authority = context.request().authority();
        return authority == null ? header(context, "host") : authority.toString();
    }

    private static String path(RoutingContext context) {
        var path = context.request().path();
        return path == null ? "" : path;
    }

    private static String header(RoutingContext context, String name) {
        var value = context.request().getHeader(name);
        return value == null ? "" : value;
    }
}
