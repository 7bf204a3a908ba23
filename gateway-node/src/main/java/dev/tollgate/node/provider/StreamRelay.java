package dev.tollgate.node.provider;

import dev.tollgate.node.provider.CallWatch.Phase;
import dev.tollgate.node.provider.EventReader.Verdict;
import dev.tollgate.node.stream.RelayStream;
import dev.tollgate.path.Allowance;
import dev.tollgate.path.Outcome;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A provider's stream on its way to the caller, chunk by chunk as it comes, with a tee.
///
/// Where the reader edits events, the beginning of an event waits for its end; otherwise every
/// chunk goes through at once and untouched. Demand is the upstream response's own, so a slow
/// caller slows its own provider and nothing is queued here.
final class StreamRelay implements RelayStream {

    private final ReadStream<Buffer> upstream;
    private final HttpClientRequest request;
    private final EventReader reader;
    private final CallNotes notes;
    private final CallWatch watch;
    private final Faults faults;
    private final UpstreamHttp http;
    private final SseSplitter splitter = new SseSplitter();
    private final Promise<Outcome> outcome = Promise.promise();
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> endHandler;
    private @Nullable Handler<Throwable> exceptionHandler;
    private @Nullable Runnable heldBack;
    private @Nullable Promise<Void> beginning;
    private @Nullable Buffer early;
    private boolean pausedMeanwhile;
    private long demand;
    private boolean started;
    private boolean between = true;
    private boolean upstreamEnded;
    private boolean ended;

    StreamRelay(
            ReadStream<Buffer> upstream,
            HttpClientRequest request,
            EventReader reader,
            CallNotes notes,
            CallWatch watch,
            Faults faults,
            UpstreamHttp http) {
        this.upstream = upstream;
        this.request = request;
        this.reader = reader;
        this.notes = notes;
        this.watch = watch;
        this.faults = faults;
        this.http = http;
        upstream.pause();
        watch.excuse(true);
        upstream.handler(this::relay);
        upstream.endHandler(_ -> closed());
        upstream.exceptionHandler(failure -> fail(faults.of(failure, http.settings().connect())));
    }

    Future<Outcome> outcome() {
        return outcome.future();
    }

    /// Completes when the first event is read, the stream has ended, or `limit` has passed. What
    /// has come until then waits for the first demand.
    Future<Void> begun(Duration limit) {
        var promise = Promise.<Void>promise();
        beginning = promise;
        watch.excuse(false);
        upstream.fetch(1);
        var timer = http.vertx().setTimer(Math.max(1, limit.toMillis()), _ -> begin());
        return promise.future().onComplete(_ -> http.vertx().cancelTimer(timer));
    }

    private void begin() {
        var waiting = beginning;
        if (waiting != null) {
            beginning = null;
            if (!ended && demand == 0) {
                watch.excuse(true);
            }
            waiting.complete();
        }
    }

    private void relay(Buffer chunk) {
        watch.touch();
        if (ended) {
            return;
        }
        notes.bytes();
        splitter.offer(chunk.getBytes());
        var pass = new Pass(splitter, reader);
        pass.run(http.settings().eventBytesMax());
        between = pass.endsBetweenEvents();
        var relayed = pass.relayed(chunk);
        splitter.settle();
        if (relayed.length() == 0) {
            upstream.fetch(1);
        } else if (started) {
            deliver(relayed);
        } else {
            keep(relayed);
        }
        finish(pass);
        if (pass.read()) {
            begin();
        } else if (beginning != null && relayed.length() > 0) {
            upstream.fetch(1);
        }
    }

    /// Until somebody listens.
    private void keep(Buffer relayed) {
        early = early == null ? relayed : Buffer.buffer().appendBuffer(early).appendBuffer(relayed);
    }

    private void deliver(Buffer relayed) {
        consumed();
        hand(relayed);
    }

    private void hand(Buffer relayed) {
        if (handler != null) {
            handler.handle(relayed);
        }
    }

    private void finish(Pass pass) {
        if (pass.fault().isEmpty()) {
            switch (pass.last()) {
                case COMPLETE -> end(Completion.COMPLETE);
                case FAILED -> end(providerError());
                case PASS, CUT, HIDE -> {}
            }
        } else {
            fail(faults.invalid(pass.fault()));
        }
    }

    /// An error in place of an answer is a refusal, as it is with a status of its own.
    private Completion providerError() {
        return reader.facts(false).begun() ? Completion.UPSTREAM_FAILED : Completion.UPSTREAM_ERROR;
    }

    /// The provider's end of the stream, too soon unless the last event is the mark of success.
    private void closed() {
        watch.stop();
        upstreamEnded = true;
        if (ended) {
            return;
        }
        if (splitter.end()) {
            var pass = new Pass(splitter, reader);
            pass.runLast();
            if (pass.last() == Verdict.COMPLETE || pass.last() == Verdict.FAILED) {
                var rest = pass.relayed(Buffer.buffer());
                if (rest.length() > 0 && started) {
                    deliver(rest);
                } else if (rest.length() > 0) {
                    keep(rest);
                }
                finish(pass);
                return;
            }
        }
        fail(faults.unreachable("it closed the stream before its end"));
    }

    private void end(Completion completion) {
        if (ended) {
            return;
        }
        settle(completion);
        signal(this::signalEnd);
        drain();
    }

    private void signalEnd() {
        if (endHandler != null) {
            endHandler.handle(null);
        }
    }

    /// Nobody has to listen before the first demand, but the end can come before it.
    private void signal(Runnable end) {
        if (started) {
            end.run();
        } else {
            heldBack = end;
        }
    }

    /// Reads what is left of the body, so that the connection can be used again.
    private void drain() {
        if (upstreamEnded) {
            return;
        }
        watch.excuse(false);
        watch.enter(Phase.DRAIN);
        upstream.resume();
    }

    private void fail(Problem problem) {
        if (ended) {
            return;
        }
        settle(Completion.UPSTREAM_FAILED);
        abandon();
        signal(() -> signalFailure(problem));
    }

    private void signalFailure(Problem problem) {
        if (exceptionHandler != null) {
            exceptionHandler.handle(new Refusal(problem));
        }
    }

    void expired(Phase phase, Duration limit) {
        if (phase == Phase.DRAIN) {
            abandon();
        } else {
            fail(faults.timeout(phase, limit));
        }
    }

    void clientLeft() {
        if (!ended) {
            settle(Completion.CLIENT_LEFT);
            abandon();
        }
    }

    /// Ends the stream where its allowance ends, as the format ends an answer that has reached its
    /// length.
    ///
    /// @param facts of all that came of it, relayed or not: its provider bills all of that
    void cut(Allowance allowance, CutMark mark, StreamFacts facts) {
        if (ended) {
            return;
        }
        var report = settle(notes.report(Completion.CUT, facts));
        abandon();
        allowance.settlement(report).onSuccess(usage -> signal(() -> signalCut(mark, usage)));
    }

    private void signalCut(CutMark mark, Usage usage) {
        deliver(Buffer.buffer(mark.end(usage)));
        signalEnd();
    }

    private void settle(Completion completion) {
        settle(
                completion == Completion.UPSTREAM_ERROR
                        ? notes.refused()
                        : notes.report(
                                completion, reader.facts(completion == Completion.COMPLETE)));
    }

    private UsageReport settle(UsageReport report) {
        ended = true;
        outcome.complete(Outcome.unsettled(report));
        begin();
        return report;
    }

    private void abandon() {
        watch.stop();
        request.reset();
    }

    private void consumed() {
        if (demand != Long.MAX_VALUE && --demand <= 0) {
            demand = 0;
            watch.excuse(true);
        }
    }

    @Override
    public long outputTokensSoFar() {
        return reader.outputTokensSoFar();
    }

    @Override
    public boolean betweenEvents() {
        return between;
    }

    @Override
    public StreamRelay handler(@Nullable Handler<Buffer> handler) {
        this.handler = handler;
        return this;
    }

    @Override
    public StreamRelay endHandler(@Nullable Handler<Void> handler) {
        this.endHandler = handler;
        return this;
    }

    @Override
    public StreamRelay exceptionHandler(@Nullable Handler<Throwable> handler) {
        this.exceptionHandler = handler;
        return this;
    }

    @Override
    public StreamRelay pause() {
        pausedMeanwhile = true;
        if (!ended) {
            demand = 0;
            watch.excuse(true);
            upstream.pause();
        }
        return this;
    }

    @Override
    public StreamRelay resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public StreamRelay fetch(long amount) {
        started = true;
        if (early != null && amount > 0) {
            return fetchBehind(early, amount);
        }
        if (heldBack != null) {
            var end = heldBack;
            heldBack = null;
            end.run();
        } else if (!ended && amount > 0) {
            demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
            watch.excuse(false);
            upstream.fetch(amount);
        }
        return this;
    }

    /// Delivers what came before anybody listened, as the first chunk of those asked for.
    private StreamRelay fetchBehind(Buffer first, long amount) {
        early = null;
        pausedMeanwhile = false;
        if (ended) {
            hand(first);
        } else {
            demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
            deliver(first);
        }
        if (heldBack != null) {
            return fetch(amount);
        }
        if (!ended && !pausedMeanwhile && demand > 0) {
            watch.excuse(false);
            upstream.fetch(amount == Long.MAX_VALUE ? amount : amount - 1);
        }
        return this;
    }
}
