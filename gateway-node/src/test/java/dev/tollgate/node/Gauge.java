package dev.tollgate.node;

import java.util.regex.Pattern;

/// Reads one number out of the metrics as Prometheus gets them.
final class Gauge {

    private Gauge() {}

    /// @param name of a metric without labels, which must be there
    static long of(String metrics, String name) {
        var line = Pattern.compile("^" + name + " ([0-9.E]+)$", Pattern.MULTILINE).matcher(metrics);
        if (!line.find()) {
            throw new AssertionError(name + ": not in the metrics");
        }
        return (long) Double.parseDouble(line.group(1));
    }
}
