package dev.tollgate.node.http;

import dev.tollgate.node.stream.RelayStream;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A stream whose chunks a test hands out. Its state is used on `context` only.
final class ScriptedStream implements RelayStream {

    private final Context context;
    private final Queue<Buffer> pending = new ArrayDeque<>();
    private final AtomicLong relayed = new AtomicLong();
    private final AtomicLong pauses = new AtomicLong();
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> ended;
    private @Nullable Handler<Throwable> failed;
    private boolean paused = true;
    private boolean over;
    private volatile boolean betweenEvents = true;

    ScriptedStream(Context context) {
        this.context = context;
    }

    /// Hands out a chunk, now or when it is asked for.
    void emit(Buffer chunk) {
        context.runOnContext(_ -> {
            pending.add(chunk);
            flow();
        });
    }

    void emit(String chunk) {
        emit(Buffer.buffer(chunk));
    }

    /// Ends after the chunks handed out.
    void end() {
        context.runOnContext(_ -> {
            over = true;
            flow();
        });
    }

    void fail(Throwable failure) {
        context.runOnContext(_ -> {
            if (failed != null) {
                failed.handle(failure);
            }
        });
    }

    void inMidEvent() {
        betweenEvents = false;
    }

    long bytesRelayed() {
        return relayed.get();
    }

    long pauses() {
        return pauses.get();
    }

    private void flow() {
        while (!paused && handler != null && !pending.isEmpty()) {
            var chunk = pending.remove();
            relayed.addAndGet(chunk.length());
            handler.handle(chunk);
        }
        if (!paused && over && pending.isEmpty() && ended != null) {
            ended.handle(null);
        }
    }

    @Override
    public boolean betweenEvents() {
        return betweenEvents;
    }

    @Override
    public long outputTokensSoFar() {
        return 0;
    }

    @Override
    public RelayStream exceptionHandler(@Nullable Handler<Throwable> next) {
        failed = next;
        return this;
    }

    @Override
    public RelayStream handler(@Nullable Handler<Buffer> next) {
        handler = next;
        return this;
    }

    @Override
    public RelayStream pause() {
        paused = true;
        pauses.incrementAndGet();
        return this;
    }

    @Override
    public RelayStream resume() {
        paused = false;
        context.runOnContext(_ -> flow());
        return this;
    }

    @Override
    public RelayStream fetch(long amount) {
        return resume();
    }

    @Override
    public RelayStream endHandler(@Nullable Handler<Void> next) {
        ended = next;
        return this;
    }
}
