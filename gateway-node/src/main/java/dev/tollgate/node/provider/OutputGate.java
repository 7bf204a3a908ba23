package dev.tollgate.node.provider;

import dev.tollgate.node.provider.EventReader.Verdict;
import dev.tollgate.path.Allowance;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Lets a provider's stream through event by event, as far as its output is held.
///
/// An event that is not held waits until it is, and everything behind it, so that the provider is
/// slowed down like by a slow reader; when no more is to be had, the stream is cut before it. What
/// has come by then is read and not relayed: a provider that sends faster than it can be held, or
/// all at once, bills all of it. What is not a readable event goes through for the relay to judge.
final class OutputGate implements ReadStream<Buffer> {

    private static final byte[] NO_DATA = {};

    /// What comes behind the cut is read for so long at a time before the provider is told to stop.
    /// Where so much comes it was written before, since no model writes so fast, and the look after
    /// it is the first again: a busy network, or node, is not taken for the end.
    private static final long LOOK_MILLIS = 20;

    private static final long LOOK_BYTES_MIN = 16 * 1024;
    private static final int QUIET_LOOKS = 3;
    private static final int LOOKS_MAX = 50;

    private final ReadStream<Buffer> upstream;
    private final EventReader scout;
    private final CutMark mark;
    private final Allowance allowance;
    private final UpstreamHttp http;
    private final SseSplitter splitter = new SseSplitter();
    private final Deque<Piece> waiting = new ArrayDeque<>();

    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> endHandler;
    private Runnable cut = () -> {};
    private long demand;
    private long passed;
    private long counted;
    private long characters;
    private boolean open;
    private boolean complete;
    private boolean fetching;
    private boolean asking;
    private boolean pumping;
    private boolean upstreamEnded;
    private boolean cutting;

    /// Bytes since the last look.
    private long behind;

    private boolean ended;

    /// An event and the comments before it.
    ///
    /// @param counted the tokens in the answer with it
    /// @param data of the event; empty when there is none to look at
    private record Piece(Buffer bytes, long counted, byte[] data) {}

    OutputGate(
            ReadStream<Buffer> upstream,
            EventReader scout,
            CutMark mark,
            Allowance allowance,
            UpstreamHttp http) {
        this.upstream = upstream;
        this.scout = scout;
        this.mark = mark;
        this.allowance = allowance;
        this.http = http;
        upstream.handler(this::chunk);
        upstream.endHandler(_ -> upstreamEnd());
    }

    /// @param relay of what is let through
    void cuts(StreamRelay relay) {
        cut = () -> relay.cut(allowance, mark, scout.facts(complete));
    }

    private void chunk(Buffer chunk) {
        fetching = false;
        behind += chunk.length();
        if (!open) {
            split(chunk);
        } else if (!cutting) {
            waiting.add(new Piece(chunk, counted, NO_DATA));
        }
        if (!cutting) {
            pump();
        } else if (open) {
            cut.run();
        }
    }

    private void split(Buffer chunk) {
        splitter.offer(chunk.getBytes());
        var from = 0;
        while (!open && splitter.next()) {
            from = event(from);
        }
        var to = splitter.boundary();
        if (open || splitter.pending() > http.settings().eventBytesMax()) {
            open = true;
            to = splitter.boundary() + splitter.pending();
        }
        add(from, to, NO_DATA);
        splitter.settle();
    }

    /// The event that was found, and where the next begins.
    private int event(int from) {
        var data = Arrays.copyOfRange(splitter.data(), splitter.dataFrom(), splitter.dataTo());
        try {
            var verdict = scout.read(data, 0, data.length);
            complete = verdict == Verdict.COMPLETE;
            open = complete || verdict == Verdict.FAILED;
        } catch (IOException _) {
            open = true;
        }
        if (!cutting) {
            count();
        }
        add(from, splitter.boundary(), open ? NO_DATA : data);
        return splitter.boundary();
    }

    private void count() {
        var all = scout.text().characters();
        if (all > characters) {
            var piece = scout.text().from((int) Math.min(characters, Integer.MAX_VALUE));
            // What is not kept cannot be counted: each character may be a token.
            counted += allowance.count(piece) + (all - characters - piece.length());
            characters = all;
        }
    }

    private void add(int from, int to, byte[] data) {
        if (from < to && !cutting) {
            var bytes = Arrays.copyOfRange(splitter.bytes(), from, to);
            waiting.add(new Piece(Buffer.buffer(bytes), counted, data));
        }
    }

    private void upstreamEnd() {
        upstreamEnded = true;
        if (!open) {
            if (splitter.end()) {
                event(0);
            } else {
                add(0, splitter.boundary(), NO_DATA);
            }
        }
        if (cutting) {
            cut.run();
        } else {
            pump();
        }
    }

    private void pump() {
        if (pumping || cutting) {
            return;
        }
        pumping = true;
        try {
            while (demand > 0 && !asking && !waiting.isEmpty()) {
                pass();
            }
        } finally {
            pumping = false;
        }
        if (waiting.isEmpty() && upstreamEnded) {
            end();
        } else if (waiting.isEmpty() && demand > 0 && !fetching) {
            fetching = true;
            upstream.fetch(1);
        }
    }

    /// All that is held, at once; or else asks for more.
    private void pass() {
        var let = Buffer.buffer();
        for (var next = waiting.peek(); next != null && isHeld(next); next = waiting.peek()) {
            waiting.remove();
            passed = next.counted;
            look(next);
            let.appendBuffer(next.bytes);
        }
        if (let.length() == 0) {
            ask();
        } else if (handler != null) {
            demand = demand == Long.MAX_VALUE ? demand : demand - 1;
            handler.handle(let);
        }
    }

    private boolean isHeld(Piece piece) {
        return piece.counted == passed || allowance.covers(piece.counted);
    }

    private void look(Piece piece) {
        if (piece.data.length > 0) {
            try {
                mark.passed(piece.data);
            } catch (IOException _) {
                // The relay reads it too, and ends the stream.
                open = true;
            }
        }
    }

    private void ask() {
        asking = true;
        allowance
                .more(waiting.element().counted)
                .onComplete(held -> {
                    asking = false;
                    if (held.succeeded() && held.result()) {
                        pump();
                    } else {
                        cut();
                    }
                });
    }

    private void cut() {
        cutting = true;
        waiting.clear();
        if (open || upstreamEnded) {
            cut.run();
        } else {
            look(LOOKS_MAX, QUIET_LOOKS);
            upstream.resume();
        }
    }

    private void look(int looks, int quiet) {
        behind = 0;
        http.vertx().setTimer(LOOK_MILLIS, _ -> looked(looks - 1, quiet - 1));
    }

    private void looked(int looks, int quiet) {
        var more = behind >= LOOK_BYTES_MIN ? QUIET_LOOKS : quiet;
        if (looks > 0 && more > 0 && !open) {
            look(looks, more);
        } else {
            cut.run();
        }
    }

    private void end() {
        if (!ended && endHandler != null) {
            ended = true;
            endHandler.handle(null);
        }
    }

    @Override
    public OutputGate handler(@Nullable Handler<Buffer> handler) {
        this.handler = handler;
        return this;
    }

    @Override
    public OutputGate endHandler(@Nullable Handler<Void> handler) {
        this.endHandler = handler;
        return this;
    }

    @Override
    public OutputGate exceptionHandler(@Nullable Handler<Throwable> handler) {
        upstream.exceptionHandler(handler);
        return this;
    }

    @Override
    public OutputGate pause() {
        demand = 0;
        if (!cutting) {
            upstream.pause();
        }
        return this;
    }

    @Override
    public OutputGate resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public OutputGate fetch(long amount) {
        demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
        pump();
        return this;
    }
}
