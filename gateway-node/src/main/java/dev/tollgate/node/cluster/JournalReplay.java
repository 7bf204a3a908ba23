package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;

/// What earlier lives of this node held and settled, and perhaps never booked.
///
/// The order of records doesn't matter, because ids are never used again: an id that was released
/// is gone, of the others hold and settlement are brought together. A torn record at the end of a
/// file is cut; a damaged one between whole ones is skipped. Kinds and versions that this version
/// doesn't know are skipped.
///
/// @param leftovers by id
/// @param damages records not read, and where; a cut tail is one
public record JournalReplay(Map<UUID, Leftover> leftovers, List<Path> files, List<String> damages) {

    private static final String SUFFIX = ".journal";

    /// One id's records.
    ///
    /// @param settle empty when the process died before the attempt ended
    public record Leftover(
            String organization, Command.Hold hold, Optional<Command.Settle> settle) {}

    /// Reads all segments in `directory` but those of `living`. Blocks.
    public static JournalReplay read(Path directory, UUID living) {
        var reading = new Reading();
        var files = segmentsOf(directory, living);
        files.forEach(reading::readFile);
        return new JournalReplay(reading.leftovers(), files, reading.damages);
    }

    private static List<Path> segmentsOf(Path directory, UUID living) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var entries = Files.list(directory)) {
            return entries.filter(path -> path.toString().endsWith(SUFFIX))
                    .filter(path -> !path.getFileName().toString().startsWith(living.toString()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The incarnations whose files these are.
    Set<UUID> lives() {
        var lives = new HashSet<UUID>();
        for (var file : files) {
            var name = file.getFileName().toString();
            try {
                lives.add(UUID.fromString(name.substring(0, Math.min(36, name.length()))));
            } catch (IllegalArgumentException _) {
                // Not a name that a journal gives.
            }
        }
        return lives;
    }

    /// Everything in them is booked.
    public void deleteFiles() {
        for (var file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Reading {
        private final Map<UUID, String> organizations = new HashMap<>();
        private final Map<UUID, Command.Hold> holds = new LinkedHashMap<>();
        private final Map<UUID, Command.Settle> settles = new HashMap<>();
        private final Set<UUID> released = new HashSet<>();
        private final List<String> damages = new ArrayList<>();

        Map<UUID, Leftover> leftovers() {
            var leftovers = new LinkedHashMap<UUID, Leftover>();
            holds.forEach((id, hold) ->
                    leftovers.put(
                            id,
                            new Leftover(
                                    organizations.getOrDefault(id, ""),
                                    hold,
                                    Optional.ofNullable(settles.get(id)))));
            leftovers.keySet().removeAll(released);
            return leftovers;
        }

        void readFile(Path file) {
            byte[] bytes;
            try {
                bytes = Files.readAllBytes(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            var at = 0;
            while (at < bytes.length) {
                var end = endOf(bytes, at);
                if (end < 0) {
                    break;
                }
                if (isWhole(bytes, at, end)) {
                    take(file, bytes, at, end);
                } else {
                    damage(file, at);
                }
                at = end;
            }
            if (tornAt(bytes, at)) {
                damage(file, at);
            }
        }

        /// The end of the record at `at`; -1 when there is none.
        private static int endOf(byte[] bytes, int at) {
            if (bytes.length - at < JournalSegment.HEADER_BYTES) {
                return -1;
            }
            var length = intAt(bytes, at);
            var room = bytes.length - at - JournalSegment.HEADER_BYTES;
            return length <= 0 || length > room ? -1 : at + JournalSegment.HEADER_BYTES + length;
        }

        private static boolean isWhole(byte[] bytes, int at, int end) {
            var crc = new CRC32C();
            crc.update(bytes, at + 8, end - at - 8);
            return (int) crc.getValue() == intAt(bytes, at + 4);
        }

        /// Behind the last record there are only zeros.
        private static boolean tornAt(byte[] bytes, int at) {
            for (var i = at; i < bytes.length; i++) {
                if (bytes[i] != 0) {
                    return true;
                }
            }
            return false;
        }

        private void take(Path file, byte[] bytes, int at, int end) {
            var kind = bytes[at + 8];
            var reader = new ByteReader(bytes, at + JournalSegment.HEADER_BYTES, end);
            try {
                switch (kind) {
                    case JournalSegment.KIND_HOLD, JournalSegment.KIND_SETTLE ->
                            take(reader.readText(), BookCodec.readCommand(reader));
                    case JournalSegment.KIND_RELEASED -> released.addAll(BookCodec.readIds(reader));
                    default -> {
                        // The start of a segment, or of a kind that a newer version writes.
                    }
                }
            } catch (IllegalArgumentException e) {
                damages.add("%s, byte %d: %s".formatted(file, at, e.getMessage()));
            }
        }

        private void take(String organization, Command command) {
            switch (command) {
                case Command.Hold hold -> {
                    // One that was extended is there again, larger.
                    holds.merge(
                            hold.id(),
                            hold,
                            (one, other) -> one.ask().start() > other.ask().start() ? one : other);
                    organizations.put(hold.id(), organization);
                }
                case Command.Settle settle -> settles.put(settle.id(), settle);
                default ->
                        throw new IllegalArgumentException(
                                "no record: " + command.getClass().getSimpleName());
            }
        }

        private void damage(Path file, int at) {
            damages.add("%s, byte %d: damaged".formatted(file, at));
        }

        private static int intAt(byte[] bytes, int at) {
            return (bytes[at] & 0xFF) << 24
                    | (bytes[at + 1] & 0xFF) << 16
                    | (bytes[at + 2] & 0xFF) << 8
                    | (bytes[at + 3] & 0xFF);
        }
    }
}
