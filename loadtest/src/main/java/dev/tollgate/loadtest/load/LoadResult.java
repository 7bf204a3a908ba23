package dev.tollgate.loadtest.load;

import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// What came of a load.
///
/// @param statuses answers by HTTP status, those that ended whole
/// @param broken requests without a whole answer
/// @param latency nanoseconds to the end of each whole answer
/// @param firstByte nanoseconds to the first byte of the body, which is the first event of a stream
public record LoadResult(
        Map<Integer, Long> statuses,
        long broken,
        Duration wall,
        Histogram latency,
        Histogram firstByte) {

    public LoadResult {
        statuses = Map.copyOf(statuses);
    }

    public long answered() {
        return statuses.values().stream().mapToLong(Long::longValue).sum();
    }

    public long answered(int status) {
        return statuses.getOrDefault(status, 0L);
    }

    public double requestsPerSecond() {
        return answered() / (wall.toNanos() / 1e9);
    }
}
