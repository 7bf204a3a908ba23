package dev.tollgate.node.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Checks that bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past
/// U+10FFFF. JSON parsers look at less, and what one reader takes another may read differently.
final class Utf8 {

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /// The position of the first byte that is not UTF-8, or -1.
    static int firstInvalid(byte[] bytes) {
        var at = 0;
        while (at < bytes.length) {
            if (bytes[at] >= 0) {
                at = skipAscii(bytes, at);
            } else {
                var length = sequence(bytes, at);
                if (length == 0) {
                    return at;
                }
                at += length;
            }
        }
        return -1;
    }

    private static int skipAscii(byte[] bytes, int from) {
        var at = from;
        while (at + Long.BYTES <= bytes.length && ((long) LONGS.get(bytes, at) & HIGH_BITS) == 0) {
            at += Long.BYTES;
        }
        while (at < bytes.length && bytes[at] >= 0) {
            at++;
        }
        return at;
    }

    /// The length of the sequence that begins at `at`, or 0 when it is not well-formed (RFC 3629,
    /// section 4).
    private static int sequence(byte[] bytes, int at) {
        var lead = bytes[at] & 0xff;
        if (lead >= 0xc2 && lead <= 0xdf) {
            return within(bytes, at + 1, 0x80, 0xbf) ? 2 : 0;
        }
        if (lead >= 0xe0 && lead <= 0xef) {
            var low = lead == 0xe0 ? 0xa0 : 0x80;
            var high = lead == 0xed ? 0x9f : 0xbf;
            return within(bytes, at + 1, low, high) && within(bytes, at + 2, 0x80, 0xbf) ? 3 : 0;
        }
        if (lead >= 0xf0 && lead <= 0xf4) {
            var low = lead == 0xf0 ? 0x90 : 0x80;
            var high = lead == 0xf4 ? 0x8f : 0xbf;
            return within(bytes, at + 1, low, high)
                            && within(bytes, at + 2, 0x80, 0xbf)
                            && within(bytes, at + 3, 0x80, 0xbf)
                    ? 4
                    : 0;
        }
        return 0;
    }

    private static boolean within(byte[] bytes, int at, int low, int high) {
        return at < bytes.length && (bytes[at] & 0xff) >= low && (bytes[at] & 0xff) <= high;
    }
}
