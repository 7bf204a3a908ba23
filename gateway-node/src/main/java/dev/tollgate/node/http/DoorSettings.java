package dev.tollgate.node.http;

import java.time.Duration;

/// The limits of the door.
///
/// @param bodyBytesMax the largest request body
/// @param headerBytesMax all header lines of a request together; coding agents send large ones
/// @param firstLineBytesMax method, target and version
/// @param bodyTimeout for the whole body to arrive, from its head on
/// @param connectionIdleMax how long a connection may be without a complete request head and
///   without a request in progress
/// @param heartbeatAfter silence after which a stream is looked at for a heartbeat, which so comes
///   after at most one and a half times as long
/// @param writeStallMax how long a client may not read while there is something to read
/// @param writeQueueBytes what is buffered for a slow client before the provider is slowed down
public record DoorSettings(
        int bodyBytesMax,
        int headerBytesMax,
        int firstLineBytesMax,
        Duration bodyTimeout,
        Duration connectionIdleMax,
        Duration heartbeatAfter,
        Duration writeStallMax,
        int writeQueueBytes) {

    public static final DoorSettings DEFAULT =
            new DoorSettings(
                    16 * 1024 * 1024,
                    64 * 1024,
                    8 * 1024,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(75),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    64 * 1024);

    public DoorSettings {
        requirePositive("bodyBytesMax", bodyBytesMax);
        requirePositive("headerBytesMax", headerBytesMax);
        requirePositive("firstLineBytesMax", firstLineBytesMax);
        requirePositive("bodyTimeout", bodyTimeout.toMillis());
        requirePositive("connectionIdleMax", connectionIdleMax.toMillis());
        // Half of it is a timer's period.
        requirePositive("heartbeatAfter", heartbeatAfter.toMillis() / 2);
        requirePositive("writeStallMax", writeStallMax.toMillis());
        requirePositive("writeQueueBytes", writeQueueBytes);
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }
}
