package dev.tollgate.node.cluster;

import java.time.Duration;

/// How the journal uses its disk.
///
/// @param segmentBytes of one file, allocated whole
/// @param bytesMax of all files; past it holds are refused, while settlements may take a quarter
///   more
/// @param forceInterval how often written pages are forced to the disk; zero: each record before
///   its request goes on. A killed process loses nothing either way, a dead machine loses one
///   interval
public record JournalSettings(int segmentBytes, long bytesMax, Duration forceInterval) {

    public static final JournalSettings DEFAULT =
            new JournalSettings(16 << 20, 1L << 30, Duration.ofMillis(100));

    private static final int SEGMENT_BYTES_MIN = 4096;

    public JournalSettings {
        if (segmentBytes < SEGMENT_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "segmentBytes: " + segmentBytes + " (expected: >= " + SEGMENT_BYTES_MIN + ")");
        }
        if (bytesMax < 4L * segmentBytes) {
            throw new IllegalArgumentException(
                    "bytesMax: " + bytesMax + " (expected: >= 4 segments of " + segmentBytes + ")");
        }
        if (forceInterval.isNegative()) {
            throw new IllegalArgumentException(
                    "forceInterval: " + forceInterval + " (expected: >= 0)");
        }
    }
}
