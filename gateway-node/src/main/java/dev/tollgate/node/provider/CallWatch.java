package dev.tollgate.node.provider;

import java.time.Duration;
import java.util.function.BiConsumer;

/// Watches the time limits of a call's phases with one timer.
///
/// The timer is set again only when it goes off or when a phase has to end before it would, so that
/// an ordinary call sets one and cancels it.
final class CallWatch {

    enum Phase {
        CONNECT("connect"),
        FIRST_BYTE("first byte"),
        IDLE("idle"),
        DRAIN("drain");

        private final String label;

        Phase(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    private static final long NO_TIMER = -1;

    private final UpstreamHttp http;
    private final BiConsumer<Phase, Duration> expired;
    private Phase phase = Phase.CONNECT;
    private long sinceNanos;
    private long dueNanos;
    private long timer = NO_TIMER;
    private boolean excused;

    CallWatch(UpstreamHttp http, BiConsumer<Phase, Duration> expired) {
        this.http = http;
        this.expired = expired;
    }

    void enter(Phase next) {
        phase = next;
        touch();
        var ends = sinceNanos + limit().toNanos();
        if (timer == NO_TIMER || dueNanos - ends > 0) {
            stop();
            arm(ends);
        }
    }

    /// Something happened: the phase's limit counts from now.
    void touch() {
        sinceNanos = http.nanoTime().getAsLong();
    }

    /// While our own reader is slow the provider is not.
    void excuse(boolean slowReader) {
        if (excused != slowReader) {
            excused = slowReader;
            touch();
        }
    }

    void stop() {
        if (timer != NO_TIMER) {
            http.vertx().cancelTimer(timer);
            timer = NO_TIMER;
        }
    }

    private void arm(long ends) {
        dueNanos = ends;
        var restNanos = ends - http.nanoTime().getAsLong();
        var restMillis = Math.max(1, Duration.ofNanos(restNanos).plusNanos(999_999).toMillis());
        timer = http.vertx().setTimer(restMillis, _ -> goesOff());
    }

    private void goesOff() {
        timer = NO_TIMER;
        if (excused) {
            touch();
        }
        var ends = sinceNanos + limit().toNanos();
        if (ends - http.nanoTime().getAsLong() > 0) {
            arm(ends);
        } else {
            expired.accept(phase, limit());
        }
    }

    private Duration limit() {
        var settings = http.settings();
        return switch (phase) {
            case CONNECT -> settings.connect();
            case FIRST_BYTE -> settings.firstByte();
            case IDLE -> settings.idle();
            case DRAIN -> settings.drain();
        };
    }
}
