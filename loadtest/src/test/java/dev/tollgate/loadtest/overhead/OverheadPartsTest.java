package dev.tollgate.loadtest.overhead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.loadtest.overhead.Sample.Traffic;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverheadPartsTest {

    @Test
    void reads_cpu_time_past_a_name_with_spaces_and_parentheses() {
        var stat =
                "42 (java (x) y) S 1 42 42 0 -1 4194304 99 0 0 0 250 125 7 8 20 0 30 0 100 1000 50";

        assertThat(ProcessStats.cpuMicros(stat)).isEqualTo(3_750_000);
    }

    @Test
    void reads_peak_memory() {
        assertThat(ProcessStats.peakKib("VmPeak:\t  9 kB\nVmHWM:\t  1234 kB\nVmRSS:\t 5 kB\n"))
                .isEqualTo(1_234);
    }

    @Test
    void reads_this_process() {
        var stats = ProcessStats.ofTree(ProcessHandle.current());

        assertThat(stats.cpuMicros()).isPositive();
        assertThat(stats.peakKib()).isGreaterThan(10_000);
    }

    @Test
    void counts_spans_of_all_resources_and_scopes() {
        var scope =
                message(field(1, new byte[] {9, 9}), field(2, new byte[0]), field(2, bytes(200)));
        var resource = message(field(1, new byte[0]), field(2, scope), field(2, scope));

        assertThat(SpanCount.of(message(field(1, resource), field(1, resource)))).isEqualTo(8);
        assertThat(SpanCount.of(new byte[0])).isZero();
        assertThatThrownBy(() -> SpanCount.of(new byte[] {10, 50, 1}))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void takes_zipped_traces_over_http() throws Exception {
        var vertx = Vertx.vertx();
        try (var sink = TraceSink.start(vertx);
                var client = HttpClient.newHttpClient()) {
            var scope = field(2, field(2, new byte[3]));
            var zipped = new ByteArrayOutputStream();
            try (var gzip = new GZIPOutputStream(zipped)) {
                gzip.write(field(1, scope));
            }
            var request =
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + sink.port() + "/v1/traces"))
                            .header("content-type", "application/x-protobuf")
                            .header("content-encoding", "gzip")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(zipped.toByteArray()))
                            .build();

            assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
            assertThat(sink.spans()).isEqualTo(1);
            assertThat(sink.unreadable()).isZero();
        } finally {
            vertx.close().await(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void the_default_command_runs_the_jar_with_the_flags() {
        var settings = OverheadSettings.parse("--jar", "x.jar", "--jvm-flags", "-Xa  -Xb");

        assertThat(settings.gatewayCommand()).endsWith("-Xa", "-Xb", "-jar", "x.jar");
        assertThat(OverheadSettings.parse("--command", "a b c").gatewayCommand())
                .containsExactly("a", "b", "c");
        assertThatThrownBy(() -> OverheadSettings.parse("--wrong")).hasMessage("argument: --wrong");
        assertThatThrownBy(() -> OverheadSettings.parse("--rounds", "0"))
                .hasMessageContaining("rounds: 0");
    }

    @Test
    void nginx_is_configured_for_keep_alive_without_buffers_or_log() {
        assertThat(Nginx.configuration(Path.of("/d"), "auto", 81, 82))
                .contains(
                        "worker_processes auto;",
                        "listen 127.0.0.1:81;",
                        "server 127.0.0.1:82;",
                        "access_log off;",
                        "proxy_buffering off;",
                        "proxy_http_version 1.1;",
                        "proxy_temp_path /d/proxy;");
    }

    @Test
    void reports_medians_of_rounds_and_cpu_of_all_rounds_together(@TempDir Path directory)
            throws Exception {
        var samples = new ArrayList<Sample>();
        for (var target : List.of("direct", "nginx", "tollgate")) {
            var factor = List.of("direct", "nginx", "tollgate").indexOf(target) + 1;
            for (int round : new int[] {3, 1, 2}) {
                for (var traffic : Traffic.values()) {
                    samples.add(
                            new Sample(
                                    target,
                                    traffic,
                                    100.0 * round,
                                    10.0 * round * factor,
                                    20.0 * round * factor,
                                    5.0 * round,
                                    1_000,
                                    10_000L * round * (factor - 1)));
                }
            }
        }
        var report =
                new OverheadReport(
                        List.of("direct", "nginx", "tollgate"),
                        samples,
                        Map.of("direct", 0L, "nginx", 1_024L, "tollgate", 4_096L),
                        77);

        var file = directory.resolve("sub").resolve("overhead.json");
        report.writeJson(file);

        var metrics = new ObjectMapper().readTree(Files.readString(file)).path("metrics");
        assertThat(metrics.at("/whole_at_1.p50/tollgate").asDouble()).isEqualTo(60);
        assertThat(metrics.at("/whole_at_10.cpu_per_request/nginx").asDouble()).isEqualTo(20);
        assertThat(metrics.at("/whole_at_10.cpu_per_request/tollgate_to_nginx").asDouble())
                .isEqualTo(2);
        assertThat(metrics.at("/peak_memory/tollgate").asDouble()).isEqualTo(4);
        assertThat(report.table()).contains("tollgate/nginx", "spans received: 77");
    }

    private static byte[] bytes(int length) {
        return new byte[length];
    }

    private static byte[] message(byte[]... fields) {
        var out = new ByteArrayOutputStream();
        for (var field : fields) {
            out.writeBytes(field);
        }
        return out.toByteArray();
    }

    /// A length-delimited protobuf field of fewer than 16,384 bytes.
    private static byte[] field(int number, byte[] content) {
        var out = new ByteArrayOutputStream();
        out.write(number << 3 | 2);
        if (content.length >= 128) {
            out.write((content.length & 127) | 128);
            out.write(content.length >> 7);
        } else {
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
