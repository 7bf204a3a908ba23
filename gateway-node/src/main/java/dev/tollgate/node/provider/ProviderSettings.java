package dev.tollgate.node.provider;

import java.time.Duration;

/// Limits of a call to a provider.
///
/// @param connect until a connection is there, TLS included
/// @param firstByte from dispatch to the head of the answer; models may think for minutes
/// @param idle between two bytes of an answer, while we are ready to read
/// @param drain for the connection's sake, from a stream's own end to the end of its body
/// @param keepAlive how long an idle connection is kept; less than common servers do, so that it is
///   seldom closed under a request
/// @param connectionsPerOriginMax of one client, which is one event loop
/// @param answerBytesMax of a whole answer
/// @param eventBytesMax of one event of a stream: images and final snapshots take megabytes
/// @param headerBytesMax of the head of an answer
public record ProviderSettings(
        Duration connect,
        Duration firstByte,
        Duration idle,
        Duration drain,
        Duration keepAlive,
        int connectionsPerOriginMax,
        int answerBytesMax,
        int eventBytesMax,
        int headerBytesMax) {

    public static final ProviderSettings DEFAULTS =
            new ProviderSettings(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(600),
                    Duration.ofSeconds(300),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30),
                    2_000,
                    64 << 20,
                    16 << 20,
                    64 << 10);

    public ProviderSettings withTimeouts(Duration connect, Duration firstByte, Duration idle) {
        return new ProviderSettings(
                connect,
                firstByte,
                idle,
                drain,
                keepAlive,
                connectionsPerOriginMax,
                answerBytesMax,
                eventBytesMax,
                headerBytesMax);
    }

    public ProviderSettings withLimits(int answerBytes, int eventBytes) {
        return new ProviderSettings(
                connect,
                firstByte,
                idle,
                drain,
                keepAlive,
                connectionsPerOriginMax,
                answerBytes,
                eventBytes,
                headerBytesMax);
    }
}
