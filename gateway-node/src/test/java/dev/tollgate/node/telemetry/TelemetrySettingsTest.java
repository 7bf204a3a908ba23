package dev.tollgate.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tollgate.caller.Secret;
import dev.tollgate.node.telemetry.TelemetrySettings.LogFormat;
import dev.tollgate.node.telemetry.TelemetrySettings.Sampling;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TelemetrySettingsTest {

    @Test
    void nothing_leaves_the_machine_by_default() {
        var settings = TelemetrySettings.defaults();

        assertThat(settings.tracesEndpoint()).isEmpty();
        assertThat(settings.headers()).isEmpty();
        assertThat(settings.serviceName()).isEqualTo("tollgate");
        assertThat(settings.resource()).isEmpty();
        assertThat(settings.sampling()).isEqualTo(Sampling.ALL);
        assertThat(settings.exportTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.logFormat()).isEqualTo(LogFormat.TEXT);
        assertThat(settings.endUser()).isFalse();
    }

    @Test
    void everything_can_be_set() {
        var settings =
                TelemetrySettings.from(
                        Map.of(
                                "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/",
                                "OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20abc=,x=1+1",
                                "OTEL_SERVICE_NAME", "blue",
                                "OTEL_RESOURCE_ATTRIBUTES", "a=b , c = d",
                                "OTEL_TRACES_SAMPLER", "traceidratio",
                                "OTEL_TRACES_SAMPLER_ARG", "0.25",
                                "OTEL_EXPORTER_OTLP_TIMEOUT", "3000",
                                "TOLLGATE_LOG", "json",
                                "TOLLGATE_TELEMETRY_END_USER", "TRUE"));

        assertThat(settings.tracesEndpoint())
                .contains(URI.create("http://collector:4318/v1/traces"));
        assertThat(settings.headers())
                .containsEntry("authorization", new Secret("Basic abc="))
                .containsEntry("x", new Secret("1+1"));
        assertThat(settings.serviceName()).isEqualTo("blue");
        assertThat(settings.resource()).containsEntry("a", "b").containsEntry("c", "d");
        assertThat(settings.sampling()).isEqualTo(new Sampling(false, 0.25));
        assertThat(settings.exportTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.logFormat()).isEqualTo(LogFormat.JSON);
        assertThat(settings.endUser()).isTrue();
    }

    @Test
    void the_endpoint_for_traces_is_taken_as_it_is() {
        var settings =
                TelemetrySettings.from(
                        Map.of(
                                "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318",
                                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces/in"));

        assertThat(settings.tracesEndpoint()).contains(URI.create("https://traces/in"));
    }

    @ParameterizedTest
    @CsvSource({"OTEL_SDK_DISABLED, true", "OTEL_TRACES_EXPORTER, none"})
    void export_can_be_turned_off(String name, String value) {
        var settings =
                TelemetrySettings.from(
                        Map.of(
                                "OTEL_EXPORTER_OTLP_ENDPOINT",
                                "http://collector:4318",
                                name,
                                value));

        assertThat(settings.tracesEndpoint()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "always_on, false, 1",
        "always_off, false, 0",
        "parentbased_always_on, true, 1",
        "parentbased_always_off, true, 0",
        "parentbased_traceidratio, true, 1",
    })
    void samplers_have_opentelemetrys_names(String name, boolean parentBased, double ratio) {
        var settings = TelemetrySettings.from(Map.of("OTEL_TRACES_SAMPLER", name));

        assertThat(settings.sampling()).isEqualTo(new Sampling(parentBased, ratio));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OTEL_EXPORTER_OTLP_ENDPOINT | collector:4318",
                "OTEL_EXPORTER_OTLP_ENDPOINT | ftp://collector",
                "OTEL_EXPORTER_OTLP_ENDPOINT | http://a b",
                "OTEL_EXPORTER_OTLP_HEADERS | token",
                "OTEL_EXPORTER_OTLP_HEADERS | a=%zz",
                "OTEL_EXPORTER_OTLP_TIMEOUT | 0",
                "OTEL_EXPORTER_OTLP_TIMEOUT | 5s",
                "OTEL_TRACES_SAMPLER | sometimes",
                "OTEL_SDK_DISABLED | yes",
                "TOLLGATE_LOG | xml",
            })
    void a_wrong_value_is_refused_by_its_name(String name, String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TelemetrySettings.from(Map.of(name, value)))
                .withMessageStartingWith(name + ": ")
                .withMessageContaining("(expected: ");
    }

    @ParameterizedTest
    @CsvSource({"1.5", "-0.1", "NaN", "half"})
    void a_ratio_is_between_0_and_1(String ratio) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        TelemetrySettings.from(
                                Map.of(
                                        "OTEL_TRACES_SAMPLER",
                                        "traceidratio",
                                        "OTEL_TRACES_SAMPLER_ARG",
                                        ratio)))
                .withMessageStartingWith("OTEL_TRACES_SAMPLER_ARG: ");
    }

    @Test
    void a_credential_in_the_headers_is_not_printed() {
        var settings =
                TelemetrySettings.from(
                        Map.of("OTEL_EXPORTER_OTLP_HEADERS", "authorization=t0p5ecret"));

        assertThat(settings.toString()).doesNotContain("t0p5ecret");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        TelemetrySettings.from(Map.of("OTEL_EXPORTER_OTLP_HEADERS", "t0p5ecret")))
                .satisfies(fault -> assertThat(fault).message().doesNotContain("t0p5ecret"));
    }
}
