package dev.tollgate.node.provider;

import static java.util.Objects.requireNonNull;

import dev.tollgate.node.provider.CallWatch.Phase;
import dev.tollgate.path.Allowance;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.UsageReport;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One call to a provider, from its dispatch to the last byte of its answer.
///
/// Whichever comes first ends it, once: the answer, a limit of time or size, the connection's end,
/// or the client who leaves, for whom the provider's connection is closed at once.
public final class UpstreamCall {

    /// Nobody is there to read it; the status stands in logs and metrics, as it does in nginx's.
    private static final int STATUS_CLIENT_LEFT = 499;

    /// How long the head of a stream is kept back for its first event, where another deployment can
    /// take over from one that begins with an error.
    private static final Duration FIRST_EVENT = Duration.ofSeconds(1);

    private final UpstreamHttp http;
    private final Codec codec;
    private final Exchange exchange;
    private final CallNotes notes;
    private final CallWatch watch;
    private final Faults faults;
    private final Promise<Reply> reply = Promise.promise();
    private @Nullable HttpClientRequest upstream;
    private @Nullable StreamRelay relay;
    private @Nullable CollectedAnswer collected;
    private boolean ended;

    private UpstreamCall(UpstreamHttp http, Codec codec, Exchange exchange) {
        this.http = http;
        this.codec = codec;
        this.exchange = exchange;
        this.notes = new CallNotes(http.nanoTime());
        this.watch = new CallWatch(http, this::expired);
        this.faults = new Faults(exchange.deployment().provider().name());
    }

    /// Sends `exchange` to the provider of its deployment.
    public static Future<Reply> send(UpstreamHttp http, Codec codec, Exchange exchange) {
        var call = new UpstreamCall(http, codec, exchange);
        call.connect(codec.request(exchange));
        return call.reply.future();
    }

    private void connect(UpstreamRequest request) {
        exchange.left().onComplete(_ -> clientLeft());
        if (ended) {
            return;
        }
        watch.enter(Phase.CONNECT);
        http.client()
                .request(request.options())
                .onComplete(connected -> dispatch(request, connected), this::failed);
    }

    private void dispatch(UpstreamRequest request, HttpClientRequest connected) {
        if (ended) {
            abandon(connected);
            return;
        }
        upstream = connected;
        notes.dispatched();
        watch.enter(Phase.FIRST_BYTE);
        request.writeHeaders(connected.headers());
        connected
                .send(BufferInternal.buffer(Unpooled.wrappedBuffer(request.body())))
                .onComplete(this::answered, this::failed);
    }

    private void answered(HttpClientResponse response) {
        if (ended) {
            return;
        }
        var requestId = response.getHeader(codec.requestIdHeader());
        notes.head(response.statusCode(), requestId == null ? "" : requestId);
        watch.enter(Phase.IDLE);
        if (streamed(response)) {
            relay(response);
        } else {
            collect(response);
        }
    }

    private boolean streamed(HttpClientResponse response) {
        return exchange.fetchedAsStream()
                && exchange.endpoint().produces()
                && success(response.statusCode())
                && contentType(response).startsWith("text/event-stream");
    }

    private static boolean success(int status) {
        return status >= 200 && status < 300;
    }

    private static String contentType(HttpClientResponse response) {
        var type = response.headers().get(HttpHeaders.CONTENT_TYPE);
        return type == null ? "" : type;
    }

    private void relay(HttpClientResponse response) {
        var stream =
                exchange.allowance()
                        .map(allowance -> gated(response, allowance))
                        .orElseGet(() -> ungated(response, response));
        relay = stream;
        if (exchange.request().stream()) {
            stream(response, stream);
        } else {
            new StreamedWhole(stream, http.settings(), faults)
                    .events()
                    .onComplete(events -> put(response, stream, events), this::broken);
        }
    }

    private void stream(HttpClientResponse response, StreamRelay stream) {
        var answer =
                new Reply(
                        response.statusCode(),
                        ReplyHeaders.relayed(response.headers(), codec, false),
                        stream,
                        stream.outcome());
        if (exchange.candidates().size() > 1) {
            stream.begun(FIRST_EVENT).onComplete(_ -> end(answer));
        } else {
            end(answer);
        }
    }

    private StreamRelay ungated(HttpClientResponse response, ReadStream<Buffer> from) {
        return new StreamRelay(
                from, response.request(), codec.events(exchange), notes, watch, faults, http);
    }

    private StreamRelay gated(HttpClientResponse response, Allowance allowance) {
        var gate =
                new OutputGate(
                        response, codec.events(exchange), codec.cutMark(exchange), allowance, http);
        var stream = ungated(response, gate);
        gate.cuts(stream);
        return stream;
    }

    /// Answers with the whole that was fetched as a stream.
    private void put(HttpClientResponse response, StreamRelay stream, List<byte[]> events) {
        var outcome = stream.outcome().result();
        if (ended) {
            return;
        }
        if (outcome.report().completion() == Completion.UPSTREAM_ERROR
                || outcome.report().completion() == Completion.UPSTREAM_FAILED) {
            refuse(faults.unreachable("it sent an error in its stream"), outcome.report());
            return;
        }
        try {
            var body = codec.whole(events);
            end(
                    new Reply(
                            response.statusCode(),
                            ReplyHeaders.ofWhole(response.headers(), codec),
                            new Reply.Whole(body),
                            Future.succeededFuture(outcome)));
        } catch (IOException unknown) {
            refuse(faults.invalid("a stream that is no whole answer"), outcome.report());
        }
    }

    private void broken(Throwable failure) {
        var stream = requireNonNull(relay);
        stream.clientLeft();
        var problem =
                failure instanceof Refusal refusal
                        ? refusal.problem()
                        : faults.of(failure, http.settings().connect());
        refuse(problem, stream.outcome().result().report());
    }

    private void collect(HttpClientResponse response) {
        var answer = new CollectedAnswer(http.settings().answerBytesMax());
        collected = answer;
        response.exceptionHandler(this::failed);
        response.endHandler(_ -> whole(response, answer.bytes()));
        response.handler(chunk -> add(answer, chunk));
    }

    private void add(CollectedAnswer answer, Buffer chunk) {
        notes.bytes();
        watch.touch();
        if (!ended && !answer.add(chunk)) {
            refuse(
                    faults.tooLarge(http.settings().answerBytesMax()),
                    brokenOff(Completion.UPSTREAM_FAILED));
        }
    }

    /// What is known of a whole answer that has not been read to its end.
    private UsageReport brokenOff(Completion completion) {
        var text = collected == null ? "" : codec.producedText(collected.bytes());
        var facts =
                new StreamFacts(
                        UsageReading.UNTOLD, Optional.empty(), text, "", "", !text.isEmpty());
        return notes.report(completion, facts);
    }

    private void whole(HttpClientResponse response, byte[] body) {
        if (ended) {
            return;
        }
        watch.stop();
        var status = response.statusCode();
        if (status >= 400) {
            answer(response, body, true, notes.refused());
        } else if (!success(status)) {
            invalid("status " + status, UsageReading.UNTOLD);
        } else if (response.headers().contains(HttpHeaders.CONTENT_ENCODING)) {
            invalid("a content encoding not asked for", UsageReading.UNTOLD);
        } else {
            read(response, body);
        }
    }

    private void read(HttpClientResponse response, byte[] body) {
        var type = contentType(response);
        if (!type.isEmpty() && !type.contains("json")) {
            invalid("content type " + Attempts.headerValue(type), UsageReading.UNTOLD);
            return;
        }
        var answer = codec.read(exchange.endpoint(), body);
        switch (answer.kind()) {
            case INVALID -> invalid(answer.fault(), answer.usage());
            case ERROR -> answer(response, body, true, notes.refused());
            case COMPLETE -> complete(response, body, answer);
        }
    }

    private void complete(HttpClientResponse response, byte[] body, Answer answer) {
        var text = answer.usage().usage().isPresent() ? "" : codec.producedText(body);
        var facts =
                new StreamFacts(
                        answer.usage(),
                        Optional.empty(),
                        text,
                        answer.servedModel(),
                        answer.serviceTier(),
                        true);
        var report = notes.report(Completion.COMPLETE, facts);
        if (exchange.request().stream() && exchange.endpoint().produces()) {
            refuse(faults.invalid("a whole answer to a request for a stream"), report);
        } else {
            answer(response, body, false, report);
        }
    }

    private void answer(
            HttpClientResponse response, byte[] body, boolean error, UsageReport report) {
        end(
                new Reply(
                        response.statusCode(),
                        ReplyHeaders.relayed(response.headers(), codec, error),
                        new Reply.Whole(body),
                        Future.succeededFuture(Outcome.unsettled(report))));
    }

    private void invalid(String fault, UsageReading usage) {
        var facts = new StreamFacts(usage, Optional.empty(), "", "", "", false);
        refuse(faults.invalid(fault), notes.report(Completion.UPSTREAM_FAILED, facts));
    }

    private void failed(Throwable failure) {
        if (!ended) {
            refuse(
                    faults.of(failure, http.settings().connect()),
                    brokenOff(Completion.UPSTREAM_FAILED));
        }
    }

    private void expired(Phase phase, Duration limit) {
        if (relay != null) {
            relay.expired(phase, limit);
        } else if (!ended) {
            refuse(faults.timeout(phase, limit), brokenOff(Completion.UPSTREAM_FAILED));
        }
    }

    private void clientLeft() {
        if (relay != null) {
            relay.clientLeft();
            if (!ended) {
                end(left(relay.outcome()));
            }
        } else if (!ended) {
            end(left(Future.succeededFuture(Outcome.unsettled(brokenOff(Completion.CLIENT_LEFT)))));
            abandon(upstream);
        }
    }

    private static Reply left(Future<Outcome> outcome) {
        return new Reply(STATUS_CLIENT_LEFT, List.of(), new Reply.Whole(new byte[0]), outcome);
    }

    private void refuse(Problem problem, UsageReport report) {
        if (ended) {
            return;
        }
        ended = true;
        watch.stop();
        Refusal.<Reply>afterAttempt(problem, report).onComplete(reply);
        abandon(upstream);
    }

    private void end(Reply answer) {
        ended = true;
        if (relay == null) {
            watch.stop();
        }
        reply.complete(answer);
    }

    private static void abandon(@Nullable HttpClientRequest request) {
        if (request != null) {
            request.reset();
        }
    }
}
