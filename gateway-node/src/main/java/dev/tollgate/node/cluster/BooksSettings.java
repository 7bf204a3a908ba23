package dev.tollgate.node.cluster;

import java.nio.file.Path;
import java.time.Duration;

/// How this node works with the books.
///
/// @param journalDirectory one process at a time may use it
/// @param holdTimeout after which a hold that has no answer is refused
/// @param settleTimeout after which a settlement goes on in the background
public record BooksSettings(
        Path journalDirectory,
        JournalSettings journal,
        Duration holdTimeout,
        Duration settleTimeout) {

    public static BooksSettings of(Path journalDirectory) {
        return new BooksSettings(
                journalDirectory,
                JournalSettings.DEFAULT,
                Duration.ofSeconds(3),
                Duration.ofSeconds(1));
    }
}
