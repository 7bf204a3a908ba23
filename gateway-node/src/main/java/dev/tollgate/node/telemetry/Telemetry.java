package dev.tollgate.node.telemetry;

import dev.tollgate.caller.Secret;
import dev.tollgate.usage.Recorder;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The node's telemetry, from start to stop: one recorder for the path, one set of metrics.
///
/// Without an endpoint there are no spans at all, and a caller's `traceparent` goes through as it
/// came.
public final class Telemetry implements AutoCloseable {

    /// Spans that wait to be sent; past it they are dropped. About 10 MB.
    public static final int SPANS_QUEUED_MAX = 8192;

    /// Spans in one export, about 400 KB.
    public static final int SPANS_A_BATCH_MAX = 512;

    /// How long a span waits for others at most.
    public static final Duration BATCH_DELAY = Duration.ofSeconds(1);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
    private static final String SCOPE = "dev.tollgate";

    private final Optional<SdkTracerProvider> traces;
    private final Metrics metrics;
    private final OtelRecorder recorder;

    private Telemetry(Optional<SdkTracerProvider> traces, Metrics metrics, OtelRecorder recorder) {
        this.traces = traces;
        this.metrics = metrics;
        this.recorder = recorder;
    }

    /// @param instance what tells this process from others, for `service.instance.id`
    /// @param listedModel whether the catalogue, and not a caller, named a model; asked for each
    ///   request, so it must be quick
    /// @param nanos the monotonic clock that `Exchange.receivedNanos` is of
    public static Telemetry start(
            TelemetrySettings settings,
            String instance,
            Predicate<String> listedModel,
            LongSupplier nanos) {
        var metrics = new Metrics();
        JvmMeters.register(metrics.registry());
        var counted =
                settings.tracesEndpoint()
                        .map(endpoint -> new CountingExporter(exporter(settings, endpoint)));
        counted.ifPresent(exporter -> exporter.show(metrics));
        var traces = counted.map(exporter -> traces(settings, instance, exporter));
        var meters = new RequestMeters(metrics.registry(), new Labels(listedModel));
        var recorder = new OtelRecorder(tracer(traces), meters, nanos, settings.endUser());
        metrics.gauge("tollgate_requests_active", "Requests in flight.", recorder::active);
        return new Telemetry(traces, metrics, recorder);
    }

    public Recorder recorder() {
        return recorder;
    }

    public Metrics metrics() {
        return metrics;
    }

    /// Sends what is waiting. Blocks for 5 s at most.
    public void flush() {
        traces.ifPresent(provider ->
                provider.forceFlush().join(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    }

    /// Sends what is waiting and stops. Blocks for 5 s at most.
    @Override
    public void close() {
        traces.ifPresent(provider ->
                provider.shutdown().join(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    }

    private static Tracer tracer(Optional<SdkTracerProvider> traces) {
        TracerProvider provider = traces.isPresent() ? traces.get() : TracerProvider.noop();
        return provider.tracerBuilder(SCOPE).setSchemaUrl(GenAiNames.SCHEMA_URL).build();
    }

    private static SdkTracerProvider traces(
            TelemetrySettings settings, String instance, SpanExporter exporter) {
        var batches =
                BatchSpanProcessor.builder(exporter)
                        .setMaxQueueSize(SPANS_QUEUED_MAX)
                        .setMaxExportBatchSize(SPANS_A_BATCH_MAX)
                        .setScheduleDelay(BATCH_DELAY)
                        .setExporterTimeout(settings.exportTimeout())
                        .build();
        var limits =
                SpanLimits.builder()
                        .setMaxAttributeValueLength(GenAiNames.VALUE_CHARACTERS_MAX)
                        .build();
        return SdkTracerProvider.builder()
                .setResource(resource(settings, instance))
                .setSampler(sampler(settings.sampling()))
                .setSpanLimits(limits)
                .addSpanProcessor(batches)
                .build();
    }

    private static SpanExporter exporter(TelemetrySettings settings, URI endpoint) {
        var headers = revealed(settings.headers());
        return OtlpHttpSpanExporter.builder()
                .setEndpoint(endpoint.toString())
                .setTimeout(settings.exportTimeout())
                .setHeaders(() -> headers)
                .build();
    }

    private static Map<String, String> revealed(Map<String, Secret> headers) {
        return headers.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, it -> it.getValue().reveal()));
    }

    private static Resource resource(TelemetrySettings settings, String instance) {
        var attributes = Attributes.builder();
        settings.resource().forEach(attributes::put);
        attributes.put(AttributeKey.stringKey("service.name"), settings.serviceName());
        attributes.put(AttributeKey.stringKey("service.instance.id"), instance);
        return Resource.getDefault().merge(Resource.create(attributes.build()));
    }

    private static Sampler sampler(TelemetrySettings.Sampling sampling) {
        var root = root(sampling.ratio());
        return sampling.parentBased() ? Sampler.parentBased(root) : root;
    }

    private static Sampler root(double ratio) {
        if (ratio == 1) {
            return Sampler.alwaysOn();
        }
        return ratio == 0 ? Sampler.alwaysOff() : Sampler.traceIdRatioBased(ratio);
    }
}
