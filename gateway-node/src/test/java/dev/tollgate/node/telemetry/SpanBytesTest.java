package dev.tollgate.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Spans as OpenTelemetry's own classes read them.
class SpanBytesTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";

    private final SpanBytes bytes = new SpanBytes();

    /// Keeps spans as they end.
    private record Kept(List<SpanData> spans) implements SpanProcessor {
        @Override
        public void onStart(Context parent, ReadWriteSpan span) {}

        @Override
        public boolean isStartRequired() {
            return false;
        }

        @Override
        public void onEnd(ReadableSpan span) {
            spans.add(span.toSpanData());
        }

        @Override
        public boolean isEndRequired() {
            return true;
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    @Test
    void a_span_has_its_ids_times_kind_and_name() throws InvalidProtocolBufferException {
        var span = written(_ -> {});

        assertThat(OtlpReceiver.hex(span.getTraceId())).isEqualTo(TRACE);
        assertThat(OtlpReceiver.hex(span.getParentSpanId())).isEqualTo(PARENT);
        assertThat(span.getSpanId().size()).isEqualTo(8);
        assertThat(span.getName()).isEqualTo("chat größer");
        assertThat(span.getKind())
                .isEqualTo(io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CLIENT);
        assertThat(span.getStartTimeUnixNano()).isEqualTo(1_800_000_000_000_000_001L);
        assertThat(span.getEndTimeUnixNano()).isEqualTo(1_800_000_000_000_000_007L);
        // Sampled; the parent is known to be elsewhere.
        assertThat(span.getFlags()).isEqualTo(0x301);
        assertThat(span.getStatus().getCodeValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 16_384, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void integers_of_every_length_are_read_back(long value) throws InvalidProtocolBufferException {
        var span = written(it -> it.setAttribute(AttributeKey.longKey("number"), value));

        assertThat(span.getAttributes(0).getKey()).isEqualTo("number");
        assertThat(span.getAttributes(0).getValue().getIntValue()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 1_000, 20_000})
    void texts_of_every_length_are_read_back(int length) throws InvalidProtocolBufferException {
        var ascii = "a".repeat(length);
        var wide = "ä€😀".repeat(length);

        var span =
                written(it -> {
                    it.setAttribute("ascii", ascii);
                    it.setAttribute("wide", wide);
                });

        assertThat(OtlpReceiver.attributes(span))
                .containsEntry("ascii", ascii)
                .containsEntry("wide", wide);
    }

    @Test
    void truths_and_doubles_keep_their_types() throws InvalidProtocolBufferException {
        var span =
                written(it -> {
                    it.setAttribute("yes", true);
                    it.setAttribute("no", false);
                    it.setAttribute("seconds", 0.02);
                });

        assertThat(OtlpReceiver.attributes(span))
                .containsEntry("yes", "true")
                .containsEntry("no", "false")
                .containsEntry("seconds", "0.02");
    }

    @Test
    void an_error_and_dropped_attributes_are_told() throws InvalidProtocolBufferException {
        var span =
                written(it -> {
                    it.setStatus(StatusCode.ERROR);
                    for (var i = 0; i < 7; i++) {
                        it.setAttribute("a" + i, i);
                    }
                });

        assertThat(span.getStatus().getCodeValue()).isEqualTo(2);
        assertThat(span.getAttributesCount()).isEqualTo(5);
        assertThat(span.getDroppedAttributesCount()).isEqualTo(2);
    }

    private io.opentelemetry.proto.trace.v1.Span written(Consumer<Span> more)
            throws InvalidProtocolBufferException {
        var written = bytes.of(ended(more));
        return io.opentelemetry.proto.trace.v1.Span.parseFrom(
                ByteString.copyFrom(written.array(), 0, written.length()));
    }

    private static SpanData ended(Consumer<Span> more) {
        var kept = new Kept(new ArrayList<>());
        var parent =
                SpanContext.createFromRemoteParent(
                        TRACE, PARENT, TraceFlags.getSampled(), TraceState.getDefault());
        try (var provider =
                SdkTracerProvider.builder()
                        .addSpanProcessor(kept)
                        .setSpanLimits(SpanLimits.builder().setMaxNumberOfAttributes(5).build())
                        .build()) {
            var span =
                    provider.get("test")
                            .spanBuilder("chat größer")
                            .setParent(Context.root().with(Span.wrap(parent)))
                            .setSpanKind(SpanKind.CLIENT)
                            .setStartTimestamp(1_800_000_000_000_000_001L, TimeUnit.NANOSECONDS)
                            .startSpan();
            more.accept(span);
            span.end(1_800_000_000_000_000_007L, TimeUnit.NANOSECONDS);
        }
        return kept.spans().getFirst();
    }
}
