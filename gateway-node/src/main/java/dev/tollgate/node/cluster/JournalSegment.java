package dev.tollgate.node.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;

/// One file of the journal, mapped into memory and filled from the front. Guarded by the journal's
/// lock, but for forcing.
///
/// A record is length (4 bytes, of the payload), CRC32C (4, of kind and payload), kind (1),
/// payload. A length of zero ends the file: it is allocated as zeros, so that a full disk shows
/// then and not in the middle of a write.
final class JournalSegment {

    static final int HEADER_BYTES = 9;
    static final byte KIND_START = 1;
    static final byte KIND_HOLD = 2;
    static final byte KIND_SETTLE = 3;
    static final byte KIND_RELEASED = 4;

    static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final int ZEROS_BYTES = 1 << 16;

    private final Path path;
    private final Arena arena;
    private final MemorySegment memory;
    private final CRC32C crc = new CRC32C();

    /// The ids whose records here are still needed.
    final Set<UUID> live = new HashSet<>();

    private int position;
    private int records;
    private volatile int forced;

    private JournalSegment(Path path, Arena arena, MemorySegment memory) {
        this.path = path;
        this.arena = arena;
        this.memory = memory;
    }

    /// Creates the file at its full size.
    static JournalSegment allocate(Path path, int bytes) throws IOException {
        try (var channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            var zeros = ByteBuffer.allocateDirect(ZEROS_BYTES);
            for (var written = 0; written < bytes; ) {
                zeros.clear().limit(Math.min(ZEROS_BYTES, bytes - written));
                written += channel.write(zeros);
            }
            var arena = Arena.ofShared();
            return new JournalSegment(
                    path, arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena));
        } catch (IOException e) {
            Files.deleteIfExists(path);
            throw e;
        }
    }

    boolean hasRoom(int payloadBytes) {
        return memory.byteSize() - position >= HEADER_BYTES + (long) payloadBytes;
    }

    /// Appends a record and returns where it begins. The length is written last: until then the
    /// record is not there.
    int put(byte kind, byte[] payload, int length) {
        crc.reset();
        crc.update(kind);
        crc.update(payload, 0, length);
        var at = position;
        MemorySegment.copy(
                payload, 0, memory, ValueLayout.JAVA_BYTE, at + (long) HEADER_BYTES, length);
        memory.set(ValueLayout.JAVA_BYTE, at + 8L, kind);
        memory.set(INT, at + 4L, (int) crc.getValue());
        memory.set(INT, at, length);
        position = at + HEADER_BYTES + length;
        records++;
        return at;
    }

    byte kindAt(int at) {
        return memory.get(ValueLayout.JAVA_BYTE, at + 8L);
    }

    byte[] payloadAt(int at) {
        return memory.asSlice(at + (long) HEADER_BYTES, memory.get(INT, at))
                .toArray(ValueLayout.JAVA_BYTE);
    }

    int position() {
        return position;
    }

    int records() {
        return records;
    }

    boolean forcedThrough(int end) {
        return forced >= end;
    }

    /// Writes everything before `end` to the disk. Blocks.
    void force(int end) {
        if (forced < end) {
            memory.asSlice(forced, end - (long) forced).force();
            forced = end;
        }
    }

    /// After a failure nobody knows which pages are on the disk, so asking again would prove
    /// nothing.
    void giveUpForcing() {
        forced = Integer.MAX_VALUE;
    }

    void unmap() {
        arena.close();
    }

    void delete() {
        arena.close();
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
