package dev.tollgate.node.http;

import dev.tollgate.caller.Authentication;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.KeyFormat;
import dev.tollgate.catalogue.Catalogue;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.node.stream.RelayStream;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.OptionalLong;

/// Takes requests for models: makes a complete [Exchange] of each, sends it down the path, and
/// renders what comes back.
///
/// What is refused before there is an exchange is told to the recorder here; what the path refuses,
/// the path has told.
final class Door {

    private final Vertx vertx;
    private final DoorSettings settings;
    private final DoorParts parts;
    private final Answers answers;
    private final BodyReader bodies;

    Door(Vertx vertx, DoorSettings settings, DoorParts parts, Answers answers) {
        this.vertx = vertx;
        this.settings = settings;
        this.parts = parts;
        this.answers = answers;
        this.bodies = new BodyReader(vertx, settings);
    }

    Call open(HttpServerRequest request, String route, Dialect dialect) {
        return Call.of(
                parts.requestIds().get(), route, dialect, request, parts.nanoTime().getAsLong());
    }

    /// Serves a request for `endpoint`, whose body has not been read.
    void serve(Call call, Endpoint endpoint) {
        exchange(call, endpoint)
                .onSuccess(exchange -> proceed(call, exchange))
                .onFailure(failure -> refuse(call, failure));
    }

    /// @throws Refusal when the credentials stand for nobody
    Caller authenticate(Call call) {
        var credentials = CallerHeaders.credentials(call.request());
        return switch (parts.authenticator().authenticate(credentials)) {
            case Authentication.Authenticated(var caller) -> caller;
            case Authentication.Rejected(var problem) -> throw new Refusal(problem);
        };
    }

    /// Answers a request that never became an exchange.
    void refuse(Call call, Throwable failure) {
        if (call.left().isComplete()) {
            return;
        }
        var problem = Answers.problemOf(call, failure);
        var duration = parts.nanoTime().getAsLong() - call.receivedNanos();
        parts.recorder().refusedAtDoor(call.requestId(), call.route(), problem, duration);
        answers.problem(call, problem);
    }

    private Future<Exchange> exchange(Call call, Endpoint endpoint) {
        return admitted(call)
                .compose(caller ->
                        bodies.read(call.request())
                                .map(body -> exchange(call, endpoint, caller, body)));
    }

    private Future<Caller> admitted(Call call) {
        if (parts.readiness().get().draining()) {
            return Refusal.of(new Problem.Draining());
        }
        return Future.succeededFuture(call).map(this::authenticate);
    }

    private Exchange exchange(Call call, Endpoint endpoint, Caller caller, byte[] body) {
        var scanned = RequestScanner.scan(endpoint, body);
        var request = scanned.request();
        requireChunks(call, request);
        var headers = call.request().headers();
        var attribution = Attributions.of(headers, request.user(), scanned.tags());
        return new Exchange(
                call.id(),
                parts.nowMillis().getAsLong(),
                call.receivedNanos(),
                endpoint,
                caller,
                attribution,
                request,
                CallerHeaders.forwarded(headers, endpoint.dialect()),
                query(call.request()),
                CallerHeaders.traceParent(headers),
                deployments(endpoint, caller, request.model()),
                OptionalLong.empty(),
                call.left());
    }

    /// HTTP/1.0 has no way to tell a complete stream from a broken one.
    private static void requireChunks(Call call, ModelRequest request) {
        if (request.stream() && call.request().version() == HttpVersion.HTTP_1_0) {
            throw Invalid.of("stream", "true over HTTP/1.0", "HTTP/1.1");
        }
    }

    private List<Deployment> deployments(Endpoint endpoint, Caller caller, String model) {
        var catalogue = parts.configurations().current(caller.organization()).catalogue();
        return switch (catalogue.resolve(endpoint, model)) {
            case Catalogue.Found(var deployments) -> deployments;
            case Catalogue.Unknown(var hint) ->
                    throw new Refusal(new Problem.UnknownModel(model, hint));
        };
    }

    /// The query is forwarded, so that a key in it would be told to the provider.
    private static String query(HttpServerRequest request) {
        var query = request.query();
        if (query == null) {
            return "";
        }
        if (query.contains(KeyFormat.PREFIX)) {
            throw Invalid.of("query", "a Tollgate key", "keys in headers only");
        }
        return query;
    }

    private void proceed(Call call, Exchange exchange) {
        Future.succeededFuture(exchange)
                .compose(parts.path()::proceed)
                .map(reply -> render(call, reply))
                .onFailure(failure -> fail(call, failure));
    }

    private void fail(Call call, Throwable failure) {
        var problem = Answers.problemOf(call, failure);
        if (call.response().headWritten()) {
            call.response().reset();
        } else {
            call.response().headers().clear();
            answers.problem(call, problem);
        }
        // An answer that could not be rendered is read by nobody: its provider can stop.
        call.leaving().tryComplete();
    }

    /// @return the same reply, on its way
    private Reply render(Call call, Reply reply) {
        if (call.response().closed()) {
            return reply;
        }
        switch (reply.body()) {
            case Reply.Whole(var bytes) -> answers.whole(call, reply, bytes);
            case RelayStream stream -> {
                answers.head(call, reply);
                StreamRelay.start(vertx, call, stream, settings, parts.nanoTime());
            }
            case Reply.Streamed other ->
                    throw new IllegalStateException("no relay stream: " + other.getClass());
        }
        return reply;
    }
}
