package dev.tollgate.node.telemetry;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/// What `/metrics` shows, in Prometheus' text format.
///
/// Counters and histograms of the hot path are Prometheus' own data points, looked up once for each
/// label set and then kept: an update is an add to a striped counter, without a lock and without an
/// attribute set to build and hash, as OpenTelemetry's metrics would need for each recording.
/// Everything that has a state of its own already is read by callback, at the scrape, and costs
/// requests nothing.
public final class Metrics {

    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final int SCRAPE_BYTES_TYPICAL = 64 * 1024;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();

    /// Shows a value that goes up and down, read at each scrape.
    ///
    /// @param value must not block; when it throws, the scrape goes without it
    public void gauge(String name, String help, LongSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> {
                    var read = read(value);
                    if (read.known()) {
                        callback.call((double) read.value());
                    }
                })
                .register(registry);
    }

    /// Shows a value that only goes up, read at each scrape.
    ///
    /// @param name ends in `_total`
    /// @param value must not block; when it throws, the scrape goes without it
    public void counter(String name, String help, LongSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> {
                    var read = read(value);
                    if (read.known()) {
                        callback.call((double) read.value());
                    }
                })
                .register(registry);
    }

    /// All metrics as text. A few milliseconds of work: not for an event loop.
    public String scrape() {
        var out = new ByteArrayOutputStream(SCRAPE_BYTES_TYPICAL);
        try {
            writer.write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException("metrics: not written to memory", e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    PrometheusRegistry registry() {
        return registry;
    }

    /// One metric whose source is broken must not hide all others.
    private static Read read(LongSupplier value) {
        try {
            return new Read(true, value.getAsLong());
        } catch (RuntimeException _) {
            return new Read(false, 0);
        }
    }

    private record Read(boolean known, long value) {}
}
