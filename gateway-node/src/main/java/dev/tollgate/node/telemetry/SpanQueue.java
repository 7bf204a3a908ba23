package dev.tollgate.node.telemetry;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Spans between their end and the collector, as the bytes they are sent as: see adr/0011.
///
/// A span is written where it ends, on its event loop, and only those bytes are kept. A thread of
/// its own looks for them every [#LOOK_MILLIS] and is not woken, since waking it for each span
/// costs more than the span: whole exports go then, others after [#BATCH_MILLIS]. Where the
/// collector does not keep up, spans past [#BATCHES_MAX] are dropped and counted.
final class SpanQueue implements SpanProcessor {

    /// Of spans in one batch: some 600 spans.
    static final int BATCH_BYTES = 256 * 1024;

    /// In one export, 1 MB.
    static final int EXPORT_BATCHES_MAX = 4;

    /// That wait to be sent, 8 MB.
    static final int BATCHES_MAX = 32;

    /// How long a span waits for others at most.
    static final long BATCH_MILLIS = 1_000;

    private static final long LOOK_MILLIS = 100;

    private final SpanPost post;
    private final LongAdder dropped = new LongAdder();
    private final ThreadLocal<SpanBytes> writing = ThreadLocal.withInitial(SpanBytes::new);
    private final Thread sender;

    // Guarded by this.
    private final ArrayDeque<Batch> full = new ArrayDeque<>();
    private final List<CompletableResultCode> flushes = new ArrayList<>();
    private Batch filling = new Batch(0);
    private @Nullable CompletableResultCode stopped;

    /// Spans, each in its field of `ScopeSpans`.
    static final class Batch {
        final ProtoBytes bytes;
        int spans;

        Batch(int room) {
            bytes = new ProtoBytes(room);
        }
    }

    SpanQueue(SpanPost post) {
        this.post = post;
        this.sender = Thread.ofPlatform().daemon().name("tollgate-spans").start(this::run);
    }

    /// Spans there was no room for.
    long dropped() {
        return dropped.sum();
    }

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
        return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
        if (span.getSpanContext().isSampled()) {
            add(writing.get().of(span.toSpanData()));
        }
    }

    @Override
    public boolean isEndRequired() {
        return true;
    }

    private synchronized void add(ProtoBytes span) {
        if (filling.spans > 0 && filling.bytes.length() + span.length() > BATCH_BYTES) {
            if (full.size() == BATCHES_MAX) {
                dropped.increment();
                return;
            }
            full.add(filling);
            filling = new Batch(BATCH_BYTES);
        }
        filling.bytes.message(SpanEnvelope.SPAN_FIELD, span.length());
        filling.bytes.raw(span.array(), span.length());
        filling.spans++;
    }

    // --- the sender ---

    private void run() {
        for (var look = 1L; ; look++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
            var asked = asked();
            var all = !asked.isEmpty() || look % (BATCH_MILLIS / LOOK_MILLIS) == 0;
            for (var export = next(false); !export.isEmpty(); export = next(false)) {
                post.send(export);
            }
            // Once: what ends meanwhile would make this go on for ever, with few spans each time.
            var rest = all ? next(true) : List.<Batch>of();
            if (!rest.isEmpty()) {
                post.send(rest);
            }
            asked.forEach(CompletableResultCode::succeed);
            if (stop()) {
                return;
            }
        }
    }

    private synchronized List<CompletableResultCode> asked() {
        var asked = List.copyOf(flushes);
        flushes.clear();
        return asked;
    }

    /// What is left when there are fewer batches than an export may have fits in one with `all`.
    ///
    /// @param all whether also less than an export may have
    private synchronized List<Batch> next(boolean all) {
        if (!all && full.size() < EXPORT_BATCHES_MAX) {
            return List.of();
        }
        var export = new ArrayList<Batch>(EXPORT_BATCHES_MAX);
        while (export.size() < EXPORT_BATCHES_MAX && !full.isEmpty()) {
            export.add(full.remove());
        }
        if (all && export.size() < EXPORT_BATCHES_MAX && filling.spans > 0) {
            export.add(filling);
            filling = new Batch(0);
        }
        return export;
    }

    private boolean stop() {
        CompletableResultCode stopping;
        synchronized (this) {
            stopping = stopped;
            if (stopping == null || !flushes.isEmpty()) {
                return false;
            }
        }
        stopping.succeed();
        return true;
    }

    @Override
    public CompletableResultCode forceFlush() {
        var flush = new CompletableResultCode();
        synchronized (this) {
            if (stopped != null) {
                return stopped;
            }
            flushes.add(flush);
        }
        LockSupport.unpark(sender);
        return flush;
    }

    /// Sends what is waiting, once, and ends.
    @Override
    public CompletableResultCode shutdown() {
        var stopping = new CompletableResultCode();
        synchronized (this) {
            if (stopped != null) {
                return stopped;
            }
            stopped = stopping;
            flushes.add(new CompletableResultCode());
        }
        post.stop();
        LockSupport.unpark(sender);
        return stopping;
    }
}
