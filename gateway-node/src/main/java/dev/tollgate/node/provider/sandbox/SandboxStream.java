package dev.tollgate.node.provider.sandbox;

import dev.tollgate.node.stream.RelayStream;
import dev.tollgate.tokens.Completion;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Events made beforehand, sent one by one as the reader asks for them.
final class SandboxStream implements RelayStream {

    private final Iterator<Composed.Event> events;
    private final Promise<Completion> ended = Promise.promise();
    private final StringBuilder delivered = new StringBuilder();
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> endHandler;
    private long demand;
    private long outputTokens;
    private boolean sending;
    private boolean over;

    SandboxStream(List<Composed.Event> events) {
        this.events = events.iterator();
    }

    Future<Completion> ended() {
        return ended.future();
    }

    String delivered() {
        return delivered.toString();
    }

    void clientLeft() {
        end(Completion.CLIENT_LEFT);
    }

    private void end(Completion completion) {
        if (!over) {
            over = true;
            ended.complete(completion);
        }
    }

    /// A reader that fetches from inside its handler must not send inside the sending.
    private void send() {
        if (sending) {
            return;
        }
        sending = true;
        while (demand > 0 && events.hasNext() && !over) {
            demand = demand == Long.MAX_VALUE ? demand : demand - 1;
            send(events.next());
        }
        sending = false;
        if (!events.hasNext() && !over) {
            end(Completion.COMPLETE);
            if (endHandler != null) {
                endHandler.handle(null);
            }
        }
    }

    private void send(Composed.Event event) {
        delivered.append(event.text());
        outputTokens = event.outputTokens();
        if (handler != null) {
            handler.handle(event.bytes());
        }
    }

    @Override
    public boolean betweenEvents() {
        return true;
    }

    @Override
    public long outputTokensSoFar() {
        return outputTokens;
    }

    @Override
    public SandboxStream handler(@Nullable Handler<Buffer> handler) {
        this.handler = handler;
        return this;
    }

    @Override
    public SandboxStream endHandler(@Nullable Handler<Void> handler) {
        this.endHandler = handler;
        return this;
    }

    /// Nothing here can fail.
    @Override
    public SandboxStream exceptionHandler(@Nullable Handler<Throwable> handler) {
        return this;
    }

    @Override
    public SandboxStream pause() {
        demand = 0;
        return this;
    }

    @Override
    public SandboxStream resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public SandboxStream fetch(long amount) {
        demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
        send();
        return this;
    }
}
