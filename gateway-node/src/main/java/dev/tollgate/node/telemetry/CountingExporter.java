package dev.tollgate.node.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.LongAdder;

/// Counts what an exporter could send and what it could not, so that lost spans are seen.
final class CountingExporter implements SpanExporter {

    private final SpanExporter exporter;
    private final LongAdder sent = new LongAdder();
    private final LongAdder lost = new LongAdder();

    CountingExporter(SpanExporter exporter) {
        this.exporter = exporter;
    }

    void show(Metrics metrics) {
        metrics.counter("tollgate_spans_sent_total", "Spans the collector took.", sent::sum);
        metrics.counter(
                "tollgate_spans_lost_total", "Spans whose export failed for good.", lost::sum);
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        var count = spans.size();
        var result = exporter.export(spans);
        result.whenComplete(() -> (result.isSuccess() ? sent : lost).add(count));
        return result;
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
