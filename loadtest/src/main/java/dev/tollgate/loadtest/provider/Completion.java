package dev.tollgate.loadtest.provider;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/// A model's answer and everything that can vary about it. Each method returns a changed copy.
///
/// @param servedBy the model the answer names, or empty for the requested one
/// @param gate what the answer waits for, or empty
public record Completion(
        Content content,
        Timing timing,
        Ending ending,
        Metering metering,
        Optional<String> servedBy,
        Optional<Gate> gate)
        implements Behaviour {

    /// Holds the answer after `afterChunks` chunks of content (0: before the headers) until
    /// `opened` completes: how a test keeps calls in flight without sleeping.
    public record Gate(int afterChunks, Future<?> opened) {}

    static Completion of(Content content) {
        return new Completion(
                content,
                Timing.IMMEDIATE,
                Ending.SUCCESS,
                Metering.PLAIN,
                Optional.empty(),
                Optional.empty());
    }

    public Completion timed(Timing newTiming) {
        return new Completion(content, newTiming, ending, metering, servedBy, gate);
    }

    /// Waits this long before the headers.
    public Completion after(Duration latency) {
        return timed(new Timing(Distribution.fixed(latency), timing.gap()));
    }

    /// Keeps this pace between chunks.
    public Completion paced(Duration gap) {
        return timed(new Timing(timing.latency(), Distribution.fixed(gap)));
    }

    public Completion ends(Ending newEnding) {
        return new Completion(content, timing, newEnding, metering, servedBy, gate);
    }

    public Completion metered(Metering newMetering) {
        return new Completion(content, timing, ending, newMetering, servedBy, gate);
    }

    /// Bills and reports exactly these tokens.
    public Completion bills(TokenClasses tokens) {
        return metered(
                new Metering(tokens.reasoning(), 0, 0, 0, Optional.of(tokens), metering.report()));
    }

    /// Spends hidden reasoning tokens first.
    public Completion reasons(long tokens) {
        return metered(
                new Metering(
                        tokens,
                        metering.cacheReadShare(),
                        metering.cacheWrite5mShare(),
                        metering.cacheWrite1hShare(),
                        metering.exact(),
                        metering.report()));
    }

    /// Bills these shares of the input as read from and written to the prompt cache.
    public Completion cached(double read, double write5m, double write1h) {
        return metered(
                new Metering(
                        metering.reasoning(),
                        read,
                        write5m,
                        write1h,
                        metering.exact(),
                        metering.report()));
    }

    public Completion reports(UsageReport report) {
        return metered(
                new Metering(
                        metering.reasoning(),
                        metering.cacheReadShare(),
                        metering.cacheWrite5mShare(),
                        metering.cacheWrite1hShare(),
                        metering.exact(),
                        report));
    }

    public Completion servedBy(String model) {
        return new Completion(content, timing, ending, metering, Optional.of(model), gate);
    }

    /// Waits for `opened` before the headers.
    public Completion waitsFor(Future<?> opened) {
        return pausesAfter(0, opened);
    }

    /// Waits for `opened` after some chunks of content.
    public Completion pausesAfter(int chunks, Future<?> opened) {
        return new Completion(
                content, timing, ending, metering, servedBy, Optional.of(new Gate(chunks, opened)));
    }
}
