package dev.tollgate.node.provider;

import dev.tollgate.node.provider.EventReader.Verdict;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One chunk's way through splitter and reader: what of it is relayed, and whether it is the last.
final class Pass {

    private final SseSplitter splitter;
    private final EventReader reader;
    private final int all;
    private int from;
    private int to;
    private @Nullable Buffer edited;
    private Verdict last = Verdict.PASS;
    private String fault = "";
    private boolean read;

    /// After [SseSplitter#offer].
    Pass(SseSplitter splitter, EventReader reader) {
        this.splitter = splitter;
        this.reader = reader;
        this.all = splitter.boundary() + splitter.pending();
        this.from = reader.edits() ? 0 : splitter.carried();
        this.to = all;
    }

    void run(int eventBytesMax) {
        while (splitter.next()) {
            if (!take()) {
                return;
            }
        }
        if (splitter.pending() > eventBytesMax) {
            fault = "an event of more than " + eventBytesMax + " bytes";
        }
        if (reader.edits() || !fault.isEmpty()) {
            to = splitter.boundary();
        }
    }

    /// The event that the end of the stream has ended, in place of [#run].
    void runLast() {
        take();
    }

    /// Whether there may be more to take.
    private boolean take() {
        try {
            last = reader.read(splitter.data(), splitter.dataFrom(), splitter.dataTo());
            read = true;
        } catch (IOException invalid) {
            fault = "an event that is not what the format allows";
            to = splitter.eventFrom();
            return false;
        }
        switch (last) {
            case PASS -> {}
            case CUT -> cut();
            case HIDE -> leaveOut(splitter.eventFrom(), splitter.boundary());
            case COMPLETE, FAILED -> to = splitter.boundary();
        }
        return last != Verdict.COMPLETE && last != Verdict.FAILED;
    }

    private void cut() {
        if (splitter.dataInPlace()) {
            var data = splitter.dataFrom();
            leaveOut(data + reader.cutFrom(), data + reader.cutTo());
        }
    }

    private void leaveOut(int cutFrom, int cutTo) {
        append(cutFrom);
        from = cutTo;
    }

    private Buffer append(int upTo) {
        if (edited == null) {
            edited = Buffer.buffer(all);
        }
        if (from < upTo) {
            edited.appendBytes(splitter.bytes(), from, upTo - from);
        }
        return edited;
    }

    /// What the caller gets of `chunk` and of what was held back before it.
    Buffer relayed(Buffer chunk) {
        var whole = from == splitter.carried() && to == all;
        if (edited == null && whole) {
            return chunk;
        }
        return append(to);
    }

    private boolean ended() {
        return last == Verdict.COMPLETE || last == Verdict.FAILED;
    }

    boolean endsBetweenEvents() {
        if (reader.edits() || ended()) {
            return true;
        }
        return fault.isEmpty() ? splitter.atBoundary() : to >= splitter.carried();
    }

    /// Whether there was an event in it.
    boolean read() {
        return read;
    }

    Verdict last() {
        return last;
    }

    /// Why the stream cannot go on; empty when it can.
    String fault() {
        return fault;
    }
}
