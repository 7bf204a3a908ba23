package dev.tollgate.node.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.spi.AppenderAttachable;
import ch.qos.logback.core.spi.AppenderAttachableImpl;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Writes log lines on a thread of its own, a little later and together.
///
/// Logback's own asynchronous appender wakes its thread for each line, which costs an event loop
/// more than the line does. This one is never woken: it looks every [#LINGER_MILLIS]. At most
/// [#EVENTS_MAX] lines wait; what comes then is counted and dropped, for a request must not wait
/// for a log.
public final class LingeringAppender extends UnsynchronizedAppenderBase<ILoggingEvent>
        implements AppenderAttachable<ILoggingEvent> {

    static final int EVENTS_MAX = 16_384;
    static final long LINGER_MILLIS = 50;
    private static final long STOP_MILLIS_MAX = 1_000;

    private final AppenderAttachableImpl<ILoggingEvent> targets = new AppenderAttachableImpl<>();
    private final ArrayBlockingQueue<ILoggingEvent> waiting = new ArrayBlockingQueue<>(EVENTS_MAX);
    private @Nullable Thread writer;

    @Override
    public void start() {
        super.start();
        writer = Thread.ofPlatform().daemon().name("tollgate-log").start(this::run);
    }

    @Override
    public void stop() {
        if (!isStarted()) {
            return;
        }
        super.stop();
        var running = writer;
        if (running != null) {
            LockSupport.unpark(running);
            try {
                running.join(STOP_MILLIS_MAX);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        targets.detachAndStopAllAppenders();
    }

    @Override
    protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing();
        if (!waiting.offer(event)) {
            addWarn("a log line was dropped: " + EVENTS_MAX + " wait to be written");
        }
    }

    private void run() {
        while (isStarted()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LINGER_MILLIS));
            write();
        }
        write();
    }

    private void write() {
        var events = new ArrayList<ILoggingEvent>();
        waiting.drainTo(events);
        if (!events.isEmpty()) {
            events.forEach(targets::appendLoopOnAppenders);
            targets.iteratorForAppenders().forEachRemaining(this::flush);
        }
    }

    private void flush(Appender<ILoggingEvent> target) {
        if (target instanceof OutputStreamAppender<ILoggingEvent> stream) {
            try {
                stream.getOutputStream().flush();
            } catch (IOException e) {
                addError("log lines may not have been written", e);
            }
        }
    }

    @Override
    public void addAppender(Appender<ILoggingEvent> target) {
        targets.addAppender(target);
    }

    @Override
    public Iterator<Appender<ILoggingEvent>> iteratorForAppenders() {
        return targets.iteratorForAppenders();
    }

    @Override
    public @Nullable Appender<ILoggingEvent> getAppender(String name) {
        return targets.getAppender(name);
    }

    @Override
    public boolean isAttached(Appender<ILoggingEvent> target) {
        return targets.isAttached(target);
    }

    @Override
    public void detachAndStopAllAppenders() {
        targets.detachAndStopAllAppenders();
    }

    @Override
    public boolean detachAppender(Appender<ILoggingEvent> target) {
        return targets.detachAppender(target);
    }

    @Override
    public boolean detachAppender(String name) {
        return targets.detachAppender(name);
    }
}
