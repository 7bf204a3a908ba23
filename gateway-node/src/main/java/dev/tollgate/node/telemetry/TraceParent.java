package dev.tollgate.node.telemetry;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;

/// Reads and writes the W3C `traceparent` header (Trace Context level 1, section 3.2).
final class TraceParent {

    private static final int TRACE_ID_AT = 3;
    private static final int SPAN_ID_AT = 36;
    private static final int FLAGS_AT = 53;
    private static final int LENGTH = 55;
    private static final String VERSION_FORBIDDEN = "ff";
    private static final String VERSION = "00";

    private TraceParent() {}

    /// The span a header names. A malformed header is an invalid context, which starts a new trace.
    static SpanContext parse(String header) {
        if (!wellFormed(header)) {
            return SpanContext.getInvalid();
        }
        return SpanContext.createFromRemoteParent(
                header.substring(TRACE_ID_AT, SPAN_ID_AT - 1),
                header.substring(SPAN_ID_AT, FLAGS_AT - 1),
                TraceFlags.fromHex(header, FLAGS_AT),
                TraceState.getDefault());
    }

    static String format(SpanContext span) {
        return VERSION
                + '-'
                + span.getTraceId()
                + '-'
                + span.getSpanId()
                + '-'
                + span.getTraceFlags().asHex();
    }

    private static boolean wellFormed(String header) {
        return header.length() >= LENGTH
                && lengthFitsVersion(header)
                && header.charAt(TRACE_ID_AT - 1) == '-'
                && header.charAt(SPAN_ID_AT - 1) == '-'
                && header.charAt(FLAGS_AT - 1) == '-'
                && lowerHex(header, 0, TRACE_ID_AT - 1)
                && lowerHex(header, FLAGS_AT, LENGTH)
                && TraceId.isValid(header.substring(TRACE_ID_AT, SPAN_ID_AT - 1))
                && SpanId.isValid(header.substring(SPAN_ID_AT, FLAGS_AT - 1));
    }

    /// A later version may carry more fields behind the four; version 00 may not.
    private static boolean lengthFitsVersion(String header) {
        if (header.startsWith(VERSION_FORBIDDEN)) {
            return false;
        }
        return header.length() == LENGTH
                || (!header.startsWith(VERSION) && header.charAt(LENGTH) == '-');
    }

    private static boolean lowerHex(String header, int from, int to) {
        for (var i = from; i < to; i++) {
            var c = header.charAt(i);
            if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }
}
