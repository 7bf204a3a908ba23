package dev.tollgate.node.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes members of a JSON object as UTF-8, for PostgreSQL's `jsonb`. For one thread.
///
/// Half the price of a general generator, because names are literals without escapes. What `jsonb`
/// cannot hold (NUL, lone surrogates) becomes U+FFFD, so that no text a client sends can make a row
/// unbookable.
final class JsonWriter {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final char REPLACEMENT = '\uFFFD';
    private static final int LONG_DIGITS_MAX = 20;

    private byte[] bytes = new byte[1024];
    private int size;
    private boolean first = true;

    /// Begins anew.
    JsonWriter clear() {
        size = 0;
        first = true;
        return this;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /// A member that is left out when empty, as an absent column is null.
    JsonWriter textUnlessEmpty(String name, String value) {
        return value.isEmpty() ? this : text(name, value);
    }

    JsonWriter text(String name, String value) {
        name(name);
        quoted(value);
        return this;
    }

    JsonWriter number(String name, long value) {
        name(name);
        number(value);
        return this;
    }

    /// A member that is left out when zero, which is what such columns default to.
    JsonWriter numberUnlessZero(String name, long value) {
        return value == 0 ? this : number(name, value);
    }

    JsonWriter bool(String name, boolean value) {
        name(name);
        ascii(value ? "true" : "false");
        first = false;
        return this;
    }

    /// Begins a member whose value the caller writes.
    JsonWriter name(String name) {
        separate();
        append('"');
        ascii(name);
        append('"');
        append(':');
        first = true;
        return this;
    }

    /// A member whose name is a caller's text.
    void tag(String name, String value) {
        separate();
        quoted(name);
        append(':');
        quoted(value);
    }

    JsonWriter open(char bracket) {
        separate();
        append(bracket);
        first = true;
        return this;
    }

    JsonWriter close(char bracket) {
        append(bracket);
        first = false;
        return this;
    }

    /// A value that is JSON already.
    JsonWriter raw(byte[] json) {
        ensure(json.length);
        System.arraycopy(json, 0, bytes, size, json.length);
        size += json.length;
        first = false;
        return this;
    }

    /// The members of an object that is JSON already, which is not empty.
    JsonWriter members(byte[] object) {
        separate();
        var length = object.length - 2;
        ensure(length);
        System.arraycopy(object, 1, bytes, size, length);
        size += length;
        return this;
    }

    private void separate() {
        if (!first) {
            append(',');
        }
        first = false;
    }

    private void number(long value) {
        ensure(LONG_DIGITS_MAX);
        if (value >= 0 && value < 10) {
            bytes[size++] = (byte) ('0' + value);
        } else {
            ascii(Long.toString(value));
        }
        first = false;
    }

    @SuppressWarnings("deprecation") // Copies the low bytes, which is all there is of ASCII.
    private void ascii(String text) {
        ensure(text.length());
        text.getBytes(0, text.length(), bytes, size);
        size += text.length();
    }

    private void quoted(String text) {
        ensure(text.length() * 6 + 2);
        bytes[size++] = '"';
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
                bytes[size++] = (byte) c;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                supplementary(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                escaped(Character.isSurrogate(c) || c == 0 ? REPLACEMENT : c);
            }
        }
        bytes[size++] = '"';
        first = false;
    }

    private void escaped(char c) {
        if (c == '"' || c == '\\') {
            bytes[size++] = '\\';
            bytes[size++] = (byte) c;
        } else if (c < 0x20) {
            bytes[size++] = '\\';
            bytes[size++] = 'u';
            bytes[size++] = '0';
            bytes[size++] = '0';
            bytes[size++] = HEX[c >> 4];
            bytes[size++] = HEX[c & 0xF];
        } else if (c < 0x80) {
            bytes[size++] = (byte) c;
        } else if (c < 0x800) {
            bytes[size++] = (byte) (0xC0 | (c >> 6));
            bytes[size++] = (byte) (0x80 | (c & 0x3F));
        } else {
            bytes[size++] = (byte) (0xE0 | (c >> 12));
            bytes[size++] = (byte) (0x80 | ((c >> 6) & 0x3F));
            bytes[size++] = (byte) (0x80 | (c & 0x3F));
        }
    }

    private void supplementary(int codePoint) {
        bytes[size++] = (byte) (0xF0 | (codePoint >> 18));
        bytes[size++] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
        bytes[size++] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
        bytes[size++] = (byte) (0x80 | (codePoint & 0x3F));
    }

    private void append(char c) {
        ensure(1);
        bytes[size++] = (byte) c;
    }

    private void ensure(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
