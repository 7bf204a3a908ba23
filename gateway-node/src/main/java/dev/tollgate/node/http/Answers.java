package dev.tollgate.node.http;

import dev.tollgate.catalogue.Dialect;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.netty.buffer.Unpooled;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes answers: whole ones, heads of streams, problems. Every answer has the request's id.
final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    /// Of a body whose rest is not worth a new connection: less than 100,000 bytes.
    private static final Pattern SMALL_LENGTH = Pattern.compile("[0-9]{1,5}");

    /// How long a client that is still sending gets to read why it was refused, before a close with
    /// unread data makes its kernel throw the answer away.
    private static final long LINGER_MILLIS = 1_000;

    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    private static final CharSequence ANTHROPIC_REQUEST_ID =
            HttpHeaders.createOptimized("request-id");

    /// Set by the door itself, or of one connection only.
    private static final Set<String> NOT_RELAYED =
            Set.of(
                    "content-length",
                    "transfer-encoding",
                    "connection",
                    "keep-alive",
                    "trailer",
                    "upgrade",
                    "x-request-id",
                    "request-id");

    private final Vertx vertx;

    Answers(Vertx vertx) {
        this.vertx = vertx;
    }

    /// The problem a failure is. A failure that is no refusal is a bug: logged here, once.
    static Problem problemOf(Call call, Throwable failure) {
        if (failure instanceof Refusal refusal) {
            return refusal.problem();
        }
        LOG.error("request {} failed on {}", call.requestId(), call.route(), failure);
        return new Problem.Internal(call.requestId());
    }

    void whole(Call call, Reply reply, byte[] bytes) {
        head(call, reply);
        // The bytes are nobody else's: sent as they are.
        end(call, BufferInternal.buffer(Unpooled.wrappedBuffer(bytes)));
    }

    /// Status and headers, not yet sent.
    HttpServerResponse head(Call call, Reply reply) {
        var response = call.response().setStatusCode(reply.status());
        for (var header : reply.headers()) {
            if (!NOT_RELAYED.contains(header.getKey())) {
                response.headers().add(header.getKey(), header.getValue());
            }
        }
        identify(call);
        return response;
    }

    void json(Call call, int status, JsonObject body) {
        identify(call);
        call.response().setStatusCode(status).putHeader("content-type", "application/json");
        end(call, body.toBuffer());
    }

    void problem(Call call, Problem problem) {
        problem(call, problem, ProblemText.status(problem));
    }

    void problem(Call call, Problem problem, int status) {
        if (call.response().ended() || call.response().closed()) {
            return;
        }
        for (Map.Entry<String, String> header : ProblemText.headers(problem)) {
            call.response().putHeader(header.getKey(), header.getValue());
        }
        json(call, status, call.problems().body(problem, call.requestId()));
    }

    private static void identify(Call call) {
        var headers = call.response().headers();
        headers.set(REQUEST_ID, call.requestId());
        if (call.dialect() == Dialect.ANTHROPIC) {
            headers.set(ANTHROPIC_REQUEST_ID, call.requestId());
        }
    }

    private void end(Call call, Buffer body) {
        var request = call.request();
        var unread = !request.isEnded() && !restIsSmall(call);
        var once = unread || request.version() == HttpVersion.HTTP_1_0;
        if (once) {
            call.response().putHeader("connection", "close");
        }
        var written = call.response().end(body);
        if (unread) {
            written.onComplete(_ -> linger(call));
        } else if (once) {
            written.onComplete(_ -> request.connection().close());
        }
    }

    private static boolean restIsSmall(Call call) {
        var headers = call.request().headers();
        var length = headers.get(HttpHeaders.CONTENT_LENGTH);
        return length == null
                ? !headers.contains(HttpHeaders.TRANSFER_ENCODING)
                // Of a request that Netty could not read it need not be a number.
                : SMALL_LENGTH.matcher(length).matches();
    }

    private void linger(Call call) {
        var connection = call.request().connection();
        vertx.setTimer(LINGER_MILLIS, _ -> connection.close());
    }
}
