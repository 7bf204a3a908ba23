package dev.tollgate.loadtest.fault;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/// The results as a table and as JSON.
record FaultReport(List<FaultResult> results) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEAD =
            "%-26s %-6s %4s %-14s %8s %5s %7s %8s %7s %7s %7s  %s%n"
                    .formatted(
                            "fault",
                            "seeds",
                            "runs",
                            "outcome",
                            "acked",
                            "lost",
                            "doubled",
                            "over-adm",
                            "rejects",
                            "usable",
                            "unavail",
                            "injected how");

    FaultReport {
        results = List.copyOf(results);
    }

    boolean isGood() {
        return results.stream().allMatch(FaultResult::isGood);
    }

    String table() {
        var byFault = new LinkedHashMap<String, List<FaultResult>>();
        results.forEach(result ->
                byFault.computeIfAbsent(result.fault(), _ -> new ArrayList<>()).add(result));
        var violations =
                results.stream()
                        .flatMap(result ->
                                result.violations().stream()
                                        .map(violation ->
                                                "  %s, seed %d: %s%n"
                                                        .formatted(
                                                                result.fault(),
                                                                result.seed(),
                                                                violation)))
                        .collect(Collectors.joining());
        return byFault.values().stream()
                .map(FaultReport::row)
                .collect(Collectors.joining("", HEAD, violations));
    }

    private static String row(List<FaultResult> results) {
        var first = results.getFirst();
        var worst = results.stream().filter(result -> !result.isGood()).findFirst().orElse(first);
        var judged = results.stream().anyMatch(result -> result.verdict().isPresent());
        return "%-26s %-6s %4d %-14s %8d %5d %7d %8d %7d %7s %7s  %s%n"
                .formatted(
                        first.fault(),
                        results.size() == 1
                                ? first.seed()
                                : first.seed() + "-" + results.getLast().seed(),
                        results.size(),
                        worst.outcome(),
                        sum(results, Verdict::acknowledged),
                        sum(results, Verdict::lost),
                        sum(results, Verdict::doubled),
                        sum(results, Verdict::overAdmitted),
                        results.stream().mapToLong(FaultResult::falseRejects).sum(),
                        judged
                                ? "%.1f%%".formatted(100 * least(results, Verdict::usableShare))
                                : "-",
                        judged ? "%.1fs".formatted(unavailable(results)) : "-",
                        worst.injection().text());
    }

    private static double unavailable(List<FaultResult> results) {
        return results.stream().mapToDouble(FaultResult::unavailableSeconds).max().orElse(0);
    }

    private static long sum(List<FaultResult> results, ToLongFunction<Verdict> what) {
        return results.stream().flatMap(result -> result.verdict().stream()).mapToLong(what).sum();
    }

    private static double least(List<FaultResult> results, ToDoubleFunction<Verdict> what) {
        return results.stream()
                .flatMap(result -> result.verdict().stream())
                .mapToDouble(what)
                .min()
                .orElse(0);
    }

    void writeJson(Path file) throws IOException {
        var parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        var root = JSON.createObjectNode().put("good", isGood());
        var array = root.putArray("results");
        results.forEach(result -> fill(array.addObject(), result));
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    }

    private static void fill(ObjectNode json, FaultResult result) {
        json.put("fault", result.fault())
                .put("seed", result.seed())
                .put("outcome", result.outcome())
                .put("injected_how", result.injection().text())
                .put("false_rejects", result.falseRejects())
                .put("unavailable_seconds", result.unavailableSeconds());
        result.verdict()
                .ifPresent(verdict ->
                        json.put("acknowledged", verdict.acknowledged())
                                .put("lost", verdict.lost())
                                .put("doubled", verdict.doubled())
                                .put("over_admitted", verdict.overAdmitted())
                                .put("approximate", verdict.approximate())
                                .put("usable_share", verdict.usableShare())
                                .put("orphans", verdict.orphans()));
        var violations = json.putArray("violations");
        result.violations().forEach(violations::add);
    }
}
