package dev.tollgate.loadtest.pairs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// A run as a table, with ratios, and as JSON.
record PairsReport(List<PairsSample> samples) {

    private static final int FEW_BUDGETS = 2;

    PairsReport {
        samples = List.copyOf(samples);
    }

    boolean isGood() {
        return samples.stream().allMatch(PairsSample::isGood);
    }

    String table() {
        var text = new StringBuilder();
        line(text, "", "orgs", "budgets", "pairs/s", "CPU us", "refused", "to first", "to two");
        for (var sample : samples) {
            var setting = sample.setting();
            line(
                    text,
                    setting.layout().words + (sample.ended() ? "" : " (NOT ENDED)"),
                    Integer.toString(setting.organizations()),
                    Integer.toString(setting.budgets()),
                    String.format(Locale.ROOT, "%,.0f", sample.pairsPerSecond()),
                    String.format(Locale.ROOT, "%.1f", sample.cpuMicros()),
                    Long.toString(sample.refused()),
                    String.format(Locale.ROOT, "%.2f", ratioToFirst(sample)),
                    costToTwoBudgets(sample).isPresent()
                            ? String.format(
                                    Locale.ROOT, "%.2f", costToTwoBudgets(sample).getAsDouble())
                            : "");
        }
        return text.toString();
    }

    private static void line(StringBuilder text, Object... cells) {
        text.append(String.format(Locale.ROOT, "%-34s%6s%9s%10s%9s%9s%10s%8s%n", cells));
    }

    /// Of pairs a second.
    double ratioToFirst(PairsSample sample) {
        var first = samples.getFirst().pairsPerSecond();
        return first == 0 ? 0 : sample.pairsPerSecond() / first;
    }

    /// Of CPU time, for a setting with more budgets than two that is otherwise measured with two.
    OptionalDouble costToTwoBudgets(PairsSample sample) {
        if (sample.setting().budgets() == FEW_BUDGETS) {
            return OptionalDouble.empty();
        }
        var few = sample.setting().withBudgets(FEW_BUDGETS);
        return samples.stream()
                .filter(other -> other.setting().equals(few) && other.cpuMicros() > 0)
                .mapToDouble(other -> sample.cpuMicros() / other.cpuMicros())
                .findFirst();
    }

    void writeJson(Path file) throws IOException {
        var lines = new ArrayList<Map<String, Object>>();
        for (var sample : samples) {
            var line = new LinkedHashMap<String, Object>();
            line.put("layout", sample.setting().layout().name().toLowerCase(Locale.ROOT));
            line.put("organizations", sample.setting().organizations());
            line.put("budgets", sample.setting().budgets());
            line.put("pairs_per_second", sample.pairsPerSecond());
            line.put("cpu_micros_per_pair", sample.cpuMicros());
            line.put("pairs", sample.pairs());
            line.put("refused", sample.refused());
            line.put("ended", sample.ended());
            line.put("pairs_to_first", ratioToFirst(sample));
            costToTwoBudgets(sample).ifPresent(cost -> line.put("cpu_to_two_budgets", cost));
            lines.add(line);
        }
        var parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(file.toFile(), Map.of("settings", lines));
    }
}
