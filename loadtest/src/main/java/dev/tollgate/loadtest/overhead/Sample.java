package dev.tollgate.loadtest.overhead;

import dev.tollgate.loadtest.load.LoadResult;

/// One target measured once at one kind of traffic.
///
/// @param firstByteMicros median time to the first byte of the body
/// @param cpuMicros of the process in between, for all requests together
record Sample(
        String target,
        Traffic traffic,
        double requestsPerSecond,
        double p50Micros,
        double p99Micros,
        double firstByteMicros,
        long requests,
        long cpuMicros) {

    private static final double NANOS = 1_000;

    /// The kinds of traffic, each measured apart.
    enum Traffic {
        WHOLE_AT_1(1, false),
        WHOLE_AT_10(10, false),
        STREAMED_AT_1(1, true);

        final int concurrency;
        final boolean stream;

        Traffic(int concurrency, boolean stream) {
            this.concurrency = concurrency;
            this.stream = stream;
        }
    }

    static Sample of(String target, Traffic traffic, LoadResult result, long cpuMicros) {
        return new Sample(
                target,
                traffic,
                result.requestsPerSecond(),
                result.latency().getValueAtPercentile(50) / NANOS,
                result.latency().getValueAtPercentile(99) / NANOS,
                result.firstByte().getValueAtPercentile(50) / NANOS,
                result.answered(),
                cpuMicros);
    }
}
