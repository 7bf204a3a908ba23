package dev.tollgate.node.telemetry;

import io.opentelemetry.sdk.resources.Resource;

/// What stands around the spans of an OTLP export: one resource with one scope, which has them all.
///
/// `ExportTraceServiceRequest` holds `ResourceSpans` (1), which holds the `Resource` (1) and
/// `ScopeSpans` (2), which holds the `InstrumentationScope` (1), spans (2) and a schema's URL (3).
final class SpanEnvelope {

    /// Of a span within `ScopeSpans`.
    static final int SPAN_FIELD = 2;

    private final byte[] resource;
    private final byte[] scope;
    private final byte[] tail;

    SpanEnvelope(Resource resource, String scope, String schemaUrl) {
        var resourceField = new ProtoBytes();
        var attributes = new SpanBytes().of(resource.getAttributes());
        resourceField.message(1, attributes.length());
        resourceField.raw(attributes.array(), attributes.length());
        this.resource = resourceField.copy();

        var scopeField = new ProtoBytes();
        scopeField.message(1, 1 + ProtoBytes.delimited(ProtoBytes.utf8Bytes(scope)));
        scopeField.text(1, scope);
        this.scope = scopeField.copy();

        var url = new ProtoBytes();
        url.text(3, schemaUrl);
        this.tail = url.copy();
    }

    /// What comes before `spanBytes` bytes of spans.
    byte[] head(int spanBytes) {
        var scopeSpans = scope.length + spanBytes + tail.length;
        var head = new ProtoBytes();
        head.message(1, resource.length + 1 + ProtoBytes.delimited(scopeSpans));
        head.raw(resource);
        head.message(2, scopeSpans);
        head.raw(scope);
        return head.copy();
    }

    /// What comes behind them.
    byte[] tail() {
        return tail;
    }
}
