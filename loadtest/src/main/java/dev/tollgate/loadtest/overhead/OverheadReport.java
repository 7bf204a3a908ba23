package dev.tollgate.loadtest.overhead;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tollgate.loadtest.overhead.Sample.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// The medians of a run as a table, with ratios against nginx, and as JSON.
///
/// @param peakKib peak memory by target
/// @param spans trace spans received in all
record OverheadReport(
        List<String> targets, List<Sample> samples, Map<String, Long> peakKib, long spans) {

    /// One line of the table.
    private record Row(String name, String unit, Map<String, Double> values) {}

    private List<Row> rows() {
        var rows = new ArrayList<Row>();
        for (var traffic : Traffic.values()) {
            var name = traffic.name().toLowerCase(Locale.ROOT);
            rows.add(row(name + " requests_per_second", "1/s", traffic, Sample::requestsPerSecond));
            rows.add(row(name + " p50", "us", traffic, Sample::p50Micros));
            rows.add(row(name + " p99", "us", traffic, Sample::p99Micros));
            if (traffic.stream) {
                rows.add(row(name + " first_event", "us", traffic, Sample::firstByteMicros));
            }
            rows.add(cpu(name + " cpu_per_request", traffic));
        }
        var peak = new LinkedHashMap<String, Double>();
        peakKib.forEach((target, kib) -> peak.put(target, kib / 1_024.0));
        rows.add(new Row("peak_memory", "MiB", peak));
        return rows;
    }

    private Row row(String name, String unit, Traffic traffic, ToDoubleFunction<Sample> of) {
        var values = new LinkedHashMap<String, Double>();
        for (var target : targets) {
            values.put(target, median(samplesOf(target, traffic), of));
        }
        return new Row(name, unit, values);
    }

    /// CPU time comes in steps of ten milliseconds, so all rounds are taken together.
    private Row cpu(String name, Traffic traffic) {
        var values = new LinkedHashMap<String, Double>();
        for (var target : targets) {
            var own = samplesOf(target, traffic);
            var micros = own.stream().mapToLong(Sample::cpuMicros).sum();
            var requests = own.stream().mapToLong(Sample::requests).sum();
            values.put(target, requests == 0 ? 0.0 : (double) micros / requests);
        }
        return new Row(name, "us", values);
    }

    private List<Sample> samplesOf(String target, Traffic traffic) {
        return samples.stream()
                .filter(sample -> sample.target().equals(target) && sample.traffic() == traffic)
                .toList();
    }

    static double median(List<Sample> samples, ToDoubleFunction<Sample> of) {
        var sorted = samples.stream().mapToDouble(of).sorted().toArray();
        if (sorted.length == 0) {
            return 0;
        }
        var middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    String table() {
        var text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%-38s %-4s", "", ""));
        targets.forEach(target -> text.append(String.format(Locale.ROOT, "%12s", target)));
        if (targets.contains("tollgate")) {
            text.append(
                    String.format(Locale.ROOT, "%17s%17s", "tollgate/nginx", "added to direct"));
        }
        more().ifPresent(name ->
                text.append(String.format(Locale.ROOT, "%20s", name + "/tollgate")));
        text.append(System.lineSeparator());
        for (var row : rows()) {
            text.append(String.format(Locale.ROOT, "%-38s %-4s", row.name(), row.unit()));
            for (var target : targets) {
                text.append(
                        String.format(
                                Locale.ROOT, "%12.1f", row.values().getOrDefault(target, 0.0)));
            }
            text.append(comparison(row.values()));
            more().ifPresent(name ->
                    text.append(
                            String.format(
                                    Locale.ROOT, "%20.2f", ratio(row.values(), name, "tollgate"))));
            text.append(System.lineSeparator());
        }
        return text.append("spans received: ").append(spans).toString();
    }

    /// The gateway with more budgets, if there is one.
    private Optional<String> more() {
        return targets.stream().filter(target -> target.startsWith("budgets_")).findFirst();
    }

    private static double ratio(Map<String, Double> values, String name, String base) {
        var divisor = values.getOrDefault(base, 0.0);
        return divisor == 0 ? 0 : values.getOrDefault(name, 0.0) / divisor;
    }

    private static String comparison(Map<String, Double> values) {
        var tollgate = values.get("tollgate");
        if (tollgate == null) {
            return "";
        }
        var added = tollgate - values.getOrDefault("direct", 0.0);
        return String.format(
                Locale.ROOT, "%17.2f%17.1f", ratio(values, "tollgate", "nginx"), added);
    }

    void writeJson(Path file) throws IOException {
        var metrics = new LinkedHashMap<String, Object>();
        for (var row : rows()) {
            var metric = new LinkedHashMap<String, Object>(row.values());
            metric.put("unit", row.unit());
            var nginx = row.values().getOrDefault("nginx", 0.0);
            var tollgate = row.values().get("tollgate");
            if (tollgate != null && nginx > 0) {
                metric.put("tollgate_to_nginx", tollgate / nginx);
            }
            metrics.put(row.name().replace(' ', '.'), metric);
        }
        var parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(
                        file.toFile(),
                        Map.of("metrics", metrics, "spans", spans, "samples", samples));
    }
}
