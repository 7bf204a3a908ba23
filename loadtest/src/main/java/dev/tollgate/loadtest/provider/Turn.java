package dev.tollgate.loadtest.provider;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.random.RandomGenerator;

/// Plays one completion to one caller, step by step, and bills it once. Lives on the event loop.
///
/// A whole answer goes through the same steps without writing them, so it takes the same time and a
/// caller who leaves early is billed for what was produced by then.
final class Turn {

    /// What is to be said.
    ///
    /// @param whole the body of an answer that is not streamed
    record Lines(List<Step> steps, String whole, boolean stream) {}

    private final Call call;
    private final Completion completion;
    private final Answer answer;
    private final Lines lines;
    private final Wire wire;
    private final RandomGenerator random;
    private final Biller biller;
    private final Vertx vertx;
    private final Pacer pacer;
    private final HttpServerResponse response;

    private int at;
    private int contentSent;
    private long produced;
    private boolean waited;
    private boolean gatePassed;
    private boolean over;

    /// Where the turn writes its bill line.
    interface Biller {
        void bill(Call call, Answer answer, TokenClasses tokens, BillLine.Outcome outcome);
    }

    Turn(
            Call call,
            Completion completion,
            Answer answer,
            Lines lines,
            RandomGenerator random,
            Vertx vertx,
            Biller biller) {
        this.call = call;
        this.completion = completion;
        this.answer = answer;
        this.lines = lines;
        this.wire = Wire.of(call.dialect);
        this.random = random;
        this.biller = biller;
        this.vertx = vertx;
        this.pacer = new Pacer(vertx);
        this.response = call.request.response();
    }

    void play() {
        response.closeHandler(_ -> left());
        response.exceptionHandler(_ -> left());
        if (!pacer.waits(completion.timing().latency().sampleNanos(random), this::open)) {
            open();
        }
    }

    private void left() {
        end(BillLine.Outcome.CANCELLED, answer.tokens().withOutput(produced), true);
    }

    private void open() {
        if (over) {
            return;
        }
        if (gateShuts(0)) {
            return;
        }
        if (completion.ending().kind() == Ending.Kind.STALLS_BEFORE_HEADERS) {
            end(BillLine.Outcome.FAILED, TokenClasses.NONE, false);
            return;
        }
        if (lines.stream()) {
            wire.headers(call.providerRequestId()).forEach(response::putHeader);
            response.putHeader("content-type", "text/event-stream; charset=utf-8")
                    .putHeader("cache-control", "no-cache")
                    .setChunked(true);
        }
        advance();
    }

    private void advance() {
        while (!over && at < lines.steps().size()) {
            var step = lines.steps().get(at);
            if (breaksAt(step)) {
                breakOff();
                return;
            }
            if (step.part() == Step.Part.CONTENT && holdsBack()) {
                return;
            }
            waited = false;
            at++;
            send(step);
            if (lines.stream() && response.writeQueueFull() && at < lines.steps().size()) {
                response.drainHandler(_ -> advance());
                return;
            }
        }
        if (!over) {
            complete();
        }
    }

    private boolean breaksAt(Step step) {
        return completion.ending().kind() != Ending.Kind.SUCCESS
                && switch (step.part()) {
                    case OPENING -> false;
                    case CONTENT -> contentSent >= completion.ending().afterChunks();
                    case CLOSING -> true;
                };
    }

    private boolean holdsBack() {
        if (contentSent > 0 && gateShuts(contentSent)) {
            return true;
        }
        if (waited || contentSent == 0) {
            return false;
        }
        waited = true;
        return pacer.waits(completion.timing().gap().sampleNanos(random), this::advance);
    }

    private boolean gateShuts(int afterChunks) {
        var gate = completion.gate();
        if (gatePassed || gate.isEmpty() || gate.get().afterChunks() != afterChunks) {
            return false;
        }
        gatePassed = true;
        var context = vertx.getOrCreateContext();
        gate.get()
                .opened()
                .onComplete(_ ->
                        context.runOnContext(_ -> {
                            if (afterChunks == 0) {
                                open();
                            } else {
                                advance();
                            }
                        }));
        return true;
    }

    private void send(Step step) {
        produced = Math.max(produced, step.outputTokens());
        if (step.part() == Step.Part.CONTENT) {
            contentSent++;
            call.chunkSent();
        }
        if (lines.stream()) {
            response.write(step.event().get());
        }
    }

    private void complete() {
        if (completion.ending().kind() != Ending.Kind.SUCCESS) {
            breakOff();
            return;
        }
        end(BillLine.Outcome.COMPLETE, answer.tokens(), false);
        if (lines.stream()) {
            response.end();
        } else {
            wholeHeaders();
            response.end(lines.whole());
        }
    }

    private void wholeHeaders() {
        wire.headers(call.providerRequestId()).forEach(response::putHeader);
        response.putHeader("content-type", "application/json");
    }

    private void breakOff() {
        end(BillLine.Outcome.FAILED, TokenClasses.NONE, false);
        if (completion.ending().kind() != Ending.Kind.STALLS) {
            call.end(false);
        }
        if (lines.stream()) {
            breakStream();
        } else {
            breakWhole();
        }
    }

    private void breakStream() {
        switch (completion.ending().kind()) {
            case STALLS, STALLS_BEFORE_HEADERS, SUCCESS -> {}
            // After what was written is on its way: closing at once could overtake it.
            case RESETS -> response.write(Buffer.buffer(": ")).onComplete(_ -> call.reset());
            case CLOSES -> response.write(Buffer.buffer(": ")).onComplete(_ -> call.close());
            case ENDS_WITHOUT_MARK -> response.end();
            case ERROR_EVENT -> response.end(wire.errorEvent());
        }
    }

    private void breakWhole() {
        if (completion.ending().kind() == Ending.Kind.ERROR_EVENT) {
            wholeHeaders();
            response.setStatusCode(500)
                    .end(wire.error(500, "Internal server error", call.providerRequestId()));
            return;
        }
        wholeHeaders();
        var bytes = Buffer.buffer(lines.whole());
        var half = bytes.slice(0, bytes.length() / 2);
        if (completion.ending().kind() == Ending.Kind.ENDS_WITHOUT_MARK) {
            response.setChunked(true).end(half);
            return;
        }
        response.putHeader("content-length", Integer.toString(bytes.length()));
        var written = response.write(half);
        switch (completion.ending().kind()) {
            case RESETS -> written.onComplete(_ -> call.reset());
            case CLOSES -> written.onComplete(_ -> call.close());
            case SUCCESS, STALLS, STALLS_BEFORE_HEADERS, ENDS_WITHOUT_MARK, ERROR_EVENT -> {}
        }
    }

    private void end(BillLine.Outcome outcome, TokenClasses tokens, boolean early) {
        // A caller who leaves a stalled stream still closed early.
        if (early) {
            call.end(true);
        }
        if (over) {
            return;
        }
        over = true;
        if (outcome == BillLine.Outcome.COMPLETE) {
            call.end(false);
        }
        biller.bill(call, answer, tokens, outcome);
    }
}
