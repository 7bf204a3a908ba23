package dev.tollgate.node.telemetry;

import dev.tollgate.usage.Recorder;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// The node's telemetry, from start to stop: one recorder for the path, one set of metrics.
///
/// Without an endpoint there are no spans at all, and a caller's `traceparent` goes through as it
/// came.
public final class Telemetry implements AutoCloseable {

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
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
        var traces =
                settings.tracesEndpoint()
                        .map(endpoint -> traces(settings, endpoint, instance, metrics));
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
            TelemetrySettings settings, URI endpoint, String instance, Metrics metrics) {
        var resource = resource(settings, instance);
        var envelope = new SpanEnvelope(resource, SCOPE, GenAiNames.SCHEMA_URL);
        var post = new SpanPost(settings, endpoint, envelope, RETRY_PAUSE);
        var queue = new SpanQueue(post);
        metrics.counter("tollgate_spans_sent_total", "Spans the collector took.", post::sent);
        metrics.counter(
                "tollgate_spans_lost_total",
                "Spans whose export failed for good, or that too many were waiting for.",
                () -> post.lost() + queue.dropped());
        var limits =
                SpanLimits.builder()
                        .setMaxAttributeValueLength(GenAiNames.VALUE_CHARACTERS_MAX)
                        .build();
        return SdkTracerProvider.builder()
                .setResource(resource)
                .setSampler(sampler(settings.sampling()))
                .setSpanLimits(limits)
                .addSpanProcessor(queue)
                .build();
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
