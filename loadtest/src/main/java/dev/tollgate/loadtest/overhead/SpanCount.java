package dev.tollgate.loadtest.overhead;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Counts spans in an OTLP trace export without decoding them: `resource_spans` (1) holds
/// `scope_spans` (2), which holds `spans` (2).
final class SpanCount {

    private static final int[] PATH = {1, 2, 2};

    private SpanCount() {}

    static long of(byte[] export) {
        return count(ByteBuffer.wrap(export).order(ByteOrder.LITTLE_ENDIAN), 0);
    }

    private static long count(ByteBuffer message, int depth) {
        var found = 0L;
        while (message.hasRemaining()) {
            var tag = varint(message);
            var wireType = (int) (tag & 7);
            if (wireType != 2) {
                skip(message, wireType);
                continue;
            }
            var length = (int) varint(message);
            var inner = message.slice(message.position(), length);
            message.position(message.position() + length);
            if (tag >>> 3 == PATH[depth]) {
                found += depth == PATH.length - 1 ? 1 : count(inner, depth + 1);
            }
        }
        return found;
    }

    private static void skip(ByteBuffer message, int wireType) {
        switch (wireType) {
            case 0 -> varint(message);
            case 1 -> message.position(message.position() + Long.BYTES);
            case 5 -> message.position(message.position() + Integer.BYTES);
            default -> throw new IndexOutOfBoundsException("wire type: " + wireType);
        }
    }

    private static long varint(ByteBuffer message) {
        var value = 0L;
        for (int shift = 0; shift < Long.SIZE && message.hasRemaining(); shift += 7) {
            var next = message.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IndexOutOfBoundsException("unfinished number");
    }
}
