package dev.tollgate.loadtest.fault;

/// Reads Prometheus' text format.
final class MetricsText {

    private MetricsText() {}

    /// @return the sum over all labels, `NaN` when the metric is not there
    static double sum(String text, String name) {
        var sum = Double.NaN;
        for (var line : text.split("\n", -1)) {
            var rest = line.startsWith(name) ? line.substring(name.length()) : "";
            if (rest.startsWith(" ") || rest.startsWith("{")) {
                var value = Double.parseDouble(rest.substring(rest.lastIndexOf(' ') + 1));
                sum = Double.isNaN(sum) ? value : sum + value;
            }
        }
        return sum;
    }
}
