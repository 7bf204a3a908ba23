package dev.tollgate.node.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/// Reads what [ByteWriter] wrote. For one thread.
///
/// At the end of a value every read gives zero or empty, which is how a value written by an older
/// version, with fewer fields, is read; leaving a value skips what a newer version added.
final class ByteReader {

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final byte[] NO_BYTES = {};
    private static final UUID NO_ID = new UUID(0, 0);

    private final byte[] bytes;
    private int position;
    private int limit;

    ByteReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    ByteReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.position = from;
        this.limit = to;
    }

    /// Enters a value; the outer limit is for [#leave]. A value that is missing is entered as
    /// empty.
    int enter() {
        var outer = limit;
        if (position == limit) {
            return outer;
        }
        require(5);
        var length = (int) INT.get(bytes, position + 1);
        position += 5;
        if (length < 0 || length > limit - position) {
            throw malformed("length " + length);
        }
        limit = position + length;
        return outer;
    }

    void leave(int outer) {
        position = limit;
        limit = outer;
    }

    int readByte() {
        return position == limit ? 0 : bytes[position++];
    }

    boolean readBoolean() {
        return readByte() != 0;
    }

    long readLong() {
        if (position == limit) {
            return 0;
        }
        var value = 0L;
        for (var shift = 0; shift < 64; shift += 7) {
            require(1);
            var next = bytes[position++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw malformed("number");
    }

    UUID readUuid() {
        if (position == limit) {
            return NO_ID;
        }
        require(16);
        var id = new UUID((long) LONG.get(bytes, position), (long) LONG.get(bytes, position + 8));
        position += 16;
        return id;
    }

    String readText() {
        var length = readLength();
        var text = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    byte[] readBytes() {
        var length = readLength();
        if (length == 0) {
            return NO_BYTES;
        }
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    <T> List<T> readList(Function<ByteReader, T> read) {
        var count = readLength();
        var items = new ArrayList<T>(count);
        for (var i = 0; i < count; i++) {
            items.add(read.apply(this));
        }
        return items;
    }

    /// A count of things that take at least a byte each.
    private int readLength() {
        var length = readLong();
        if (length < 0 || length > limit - position) {
            throw malformed("length " + length);
        }
        return (int) length;
    }

    private void require(int count) {
        if (limit - position < count) {
            throw malformed("end");
        }
    }

    private IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException(
                "encoded value: " + what + " at byte " + position + " of " + limit);
    }
}
