package dev.tollgate.node.telemetry;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The wire format of Protocol Buffers, written to a growing array. Not thread-safe.
final class ProtoBytes {

    private static final int FIRST_BYTES = 1024;
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    private byte[] bytes;
    private int length;

    ProtoBytes() {
        this(FIRST_BYTES);
    }

    /// @param room for so many bytes without growing
    ProtoBytes(int room) {
        bytes = new byte[room];
    }

    int length() {
        return length;
    }

    byte[] array() {
        return bytes;
    }

    byte[] copy() {
        return Arrays.copyOf(bytes, length);
    }

    void clear() {
        length = 0;
    }

    /// A number, a truth value or a member of an enumeration.
    void number(int field, long value) {
        tag(field, VARINT);
        varint(value);
    }

    void fixed64(int field, long value) {
        tag(field, FIXED64);
        room(Long.BYTES);
        for (var shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            bytes[length++] = (byte) (value >>> shift);
        }
    }

    void fixed32(int field, int value) {
        tag(field, FIXED32);
        room(Integer.BYTES);
        for (var shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            bytes[length++] = (byte) (value >>> shift);
        }
    }

    /// The bytes that `hex` stands for, two digits each.
    void hex(int field, String hex) {
        message(field, hex.length() / 2);
        room(hex.length() / 2);
        for (var at = 0; at + 1 < hex.length(); at += 2) {
            var high = Character.digit(hex.charAt(at), 16);
            bytes[length++] = (byte) (high << 4 | Character.digit(hex.charAt(at + 1), 16));
        }
    }

    /// @param utf8Bytes what [#utf8Bytes(String)] says of `text`
    void text(int field, String text, int utf8Bytes) {
        message(field, utf8Bytes);
        if (utf8Bytes == text.length()) {
            room(utf8Bytes);
            ascii(text);
            length += utf8Bytes;
        } else {
            raw(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    void text(int field, String text) {
        text(field, text, utf8Bytes(text));
    }

    /// Drops the high bytes of characters, which ASCII has none of.
    @SuppressWarnings("deprecation")
    private void ascii(String text) {
        text.getBytes(0, text.length(), bytes, length);
    }

    static int utf8Bytes(String text) {
        for (var at = 0; at < text.length(); at++) {
            if (text.charAt(at) >= 0x80) {
                return text.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return text.length();
    }

    /// The length of a text or message of `bytes` bytes, with its own length before it.
    static int delimited(int bytes) {
        return varintBytes(bytes) + bytes;
    }

    /// The head of a message of `bytes` bytes, which have to follow.
    void message(int field, int bytes) {
        tag(field, LENGTH_DELIMITED);
        varint(bytes);
    }

    void raw(byte[] from) {
        raw(from, from.length);
    }

    void raw(byte[] from, int count) {
        room(count);
        System.arraycopy(from, 0, bytes, length, count);
        length += count;
    }

    private void varint(long value) {
        room(10);
        var rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    static int varintBytes(long value) {
        return (Long.SIZE + 6 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    private void tag(int field, int wireType) {
        varint((long) field << 3 | wireType);
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
    }
}
