package dev.tollgate.node.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.HashMap;
import java.util.Map;

/// Spans as OTLP has them: `opentelemetry/proto/trace/v1/trace.proto`, version 1.10.
///
/// Only what this program makes of spans is written: no events and no links, and attributes of one
/// value. Used by one thread.
final class SpanBytes {

    private static final int PARENT_REMOTE_KNOWN = 0x100;
    private static final int PARENT_REMOTE = 0x200;

    private final ProtoBytes bytes = new ProtoBytes();

    /// Names of attributes in their field of `KeyValue`. There are as many as [GenAiNames] has.
    private final Map<AttributeKey<?>, byte[]> keys = new HashMap<>();

    /// The fields of a `Span`, good until the next one is written.
    ProtoBytes of(SpanData span) {
        bytes.clear();
        var context = span.getSpanContext();
        bytes.hex(1, context.getTraceId());
        bytes.hex(2, context.getSpanId());
        var parent = span.getParentSpanContext();
        if (parent.isValid()) {
            bytes.hex(4, parent.getSpanId());
        }
        bytes.text(5, span.getName());
        bytes.number(6, kind(span.getKind()));
        bytes.fixed64(7, span.getStartEpochNanos());
        bytes.fixed64(8, span.getEndEpochNanos());
        var attributes = span.getAttributes();
        attributes(9, attributes);
        var dropped = span.getTotalAttributeCount() - attributes.size();
        if (dropped > 0) {
            bytes.number(10, dropped);
        }
        status(span);
        bytes.fixed32(16, flags(context, parent));
        return bytes;
    }

    /// A `Resource`.
    ProtoBytes of(Attributes resource) {
        bytes.clear();
        attributes(1, resource);
        return bytes;
    }

    private void status(SpanData span) {
        var code =
                switch (span.getStatus().getStatusCode()) {
                    case UNSET -> 0;
                    case OK -> 1;
                    case ERROR -> 2;
                };
        if (code != 0) {
            bytes.message(15, 2);
            bytes.number(3, code);
        }
    }

    private static int flags(SpanContext context, SpanContext parent) {
        return (context.getTraceFlags().asByte() & 0xFF)
                | PARENT_REMOTE_KNOWN
                | (parent.isRemote() ? PARENT_REMOTE : 0);
    }

    private void attributes(int field, Attributes attributes) {
        attributes.forEach((key, value) -> attribute(field, key, value));
    }

    /// A `KeyValue`, whose value is an `AnyValue`: text (1), truth (2), integer (3), double (4).
    private void attribute(int field, AttributeKey<?> key, Object value) {
        switch (value) {
            case Boolean truth -> {
                keyValue(field, key, 2);
                bytes.number(2, truth ? 1 : 0);
            }
            case Long number -> {
                keyValue(field, key, 1 + ProtoBytes.varintBytes(number));
                bytes.number(3, number);
            }
            case Double number -> {
                keyValue(field, key, 1 + Double.BYTES);
                bytes.fixed64(4, Double.doubleToRawLongBits(number));
            }
            default -> {
                var text = value.toString();
                var utf8 = ProtoBytes.utf8Bytes(text);
                keyValue(field, key, 1 + ProtoBytes.delimited(utf8));
                bytes.text(1, text, utf8);
            }
        }
    }

    /// All of a `KeyValue` but its value, which has to follow in `valueBytes` bytes.
    private void keyValue(int field, AttributeKey<?> key, int valueBytes) {
        var name = keys.computeIfAbsent(key, SpanBytes::name);
        bytes.message(field, name.length + 1 + ProtoBytes.delimited(valueBytes));
        bytes.raw(name);
        bytes.message(2, valueBytes);
    }

    private static byte[] name(AttributeKey<?> key) {
        var name = new ProtoBytes();
        name.text(1, key.getKey());
        return name.copy();
    }

    /// `SpanKind` of trace.proto.
    private static long kind(SpanKind kind) {
        return switch (kind) {
            case INTERNAL -> 1;
            case SERVER -> 2;
            case CLIENT -> 3;
            case PRODUCER -> 4;
            case CONSUMER -> 5;
        };
    }
}
