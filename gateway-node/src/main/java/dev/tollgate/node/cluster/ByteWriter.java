package dev.tollgate.node.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;

/// A growing buffer of encoded values. For one thread.
final class ByteWriter {

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int VARINT_BYTES_MAX = 10;
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private byte[] bytes = new byte[1024];
    private int size;

    /// Begins a value: its version, and room for its length. The mark is for [#end].
    int begin(int version) {
        ensure(5);
        bytes[size] = (byte) version;
        size += 5;
        return size;
    }

    void end(int mark) {
        INT.set(bytes, mark - 4, size - mark);
    }

    void writeByte(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    /// Small magnitudes take few bytes, of either sign.
    void writeLong(long value) {
        ensure(VARINT_BYTES_MAX);
        var rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    void writeBoolean(boolean value) {
        writeByte(value ? 1 : 0);
    }

    void writeUuid(UUID id) {
        ensure(16);
        LONG.set(bytes, size, id.getMostSignificantBits());
        LONG.set(bytes, size + 8, id.getLeastSignificantBits());
        size += 16;
    }

    void writeText(String text) {
        writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    void writeBytes(byte[] value) {
        writeLong(value.length);
        ensure(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    <T> void writeList(List<T> items, BiConsumer<ByteWriter, T> write) {
        writeLong(items.size());
        for (var item : items) {
            write.accept(this, item);
        }
    }

    /// The buffer itself, of which [#size()] bytes count, until the next write.
    byte[] buffer() {
        return bytes;
    }

    int size() {
        return size;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /// Empties it; a buffer that one large value made large is not kept.
    ByteWriter clear() {
        size = 0;
        if (bytes.length > KEPT_BYTES_MAX) {
            bytes = new byte[1024];
        }
        return this;
    }

    private void ensure(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
