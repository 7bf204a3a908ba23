package dev.tollgate.loadtest.provider;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/// Plays one fixed answer to one caller. Lives on the event loop.
final class CannedTurn {

    private final Call call;
    private final Canned canned;
    private final Wire wire;
    private final Pacer pacer;
    private final HttpServerResponse response;
    private int sent;

    CannedTurn(Call call, Canned canned, Vertx vertx) {
        this.call = call;
        this.canned = canned;
        this.wire = Wire.of(call.dialect);
        this.pacer = new Pacer(vertx);
        this.response = call.request.response();
    }

    void play() {
        response.setStatusCode(canned.status());
        wire.headers(call.providerRequestId()).forEach(response::putHeader);
        response.putHeader("content-type", "application/json");
        canned.headers().forEach(response::putHeader);
        response.closeHandler(_ -> call.end(true));
        canned.body().ifPresentOrElse(this::body, this::error);
    }

    private void error() {
        var message = "Scripted status " + canned.status();
        response.end(wire.error(canned.status(), message, call.providerRequestId()));
        call.end(false);
    }

    private void body(List<byte[]> chunks) {
        if (chunks.size() == 1 && canned.ending().kind() == Ending.Kind.SUCCESS) {
            response.end(Buffer.buffer(chunks.getFirst()));
            call.end(false);
            return;
        }
        response.setChunked(true);
        send(chunks);
    }

    private void send(List<byte[]> chunks) {
        var last = Math.min(chunks.size(), canned.ending().afterChunks());
        while (sent < last && !response.closed()) {
            response.write(Buffer.buffer(chunks.get(sent)));
            call.chunkSent();
            sent++;
            if (response.writeQueueFull()) {
                response.drainHandler(_ -> send(chunks));
                return;
            }
            if (pacer.waits(canned.gap().toNanos(), () -> send(chunks))) {
                return;
            }
        }
        if (!response.closed()) {
            finish();
        }
    }

    private void finish() {
        switch (canned.ending().kind()) {
            case SUCCESS, ENDS_WITHOUT_MARK, ERROR_EVENT -> response.end();
            case RESETS -> response.write(" ").onComplete(_ -> call.reset());
            case CLOSES -> response.write(" ").onComplete(_ -> call.close());
            case STALLS, STALLS_BEFORE_HEADERS -> {
                return;
            }
        }
        call.end(false);
    }
}
