package dev.tollgate.loadtest.pairs;

import dev.tollgate.loadtest.overhead.OverheadSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How a run is set up.
///
/// @param jar Tollgate's runnable jar
/// @param classes of the gateway's tests, with the node that is measured
/// @param jvmFlags of each node
/// @param inFlight pairs at a time, of each node
/// @param warmUp before anything counts, for each setting
/// @param measured for each setting
/// @param layouts to measure
/// @param out where the JSON goes
record PairsSettings(
        Path jar,
        Path classes,
        List<String> jvmFlags,
        int inFlight,
        Duration warmUp,
        Duration measured,
        List<Setting.Layout> layouts,
        Path out) {

    private static final String NODE = "dev.tollgate.node.cluster.PairsNode";

    PairsSettings {
        jvmFlags = List.copyOf(jvmFlags);
        layouts = List.copyOf(layouts);
        if (inFlight < 1 || measured.toSeconds() < 1) {
            throw new IllegalArgumentException(
                    "in-flight: %d, seconds: %d (expected: >= 1, >= 1)"
                            .formatted(inFlight, measured.toSeconds()));
        }
    }

    /// Reads `--name value` pairs.
    static PairsSettings parse(String... arguments) {
        var jar = Path.of("gateway-node", "target", "tollgate.jar");
        var classes = Path.of("gateway-node", "target", "test-classes");
        var flags = OverheadSettings.JVM_FLAGS;
        var inFlight = 256;
        var warmUp = Duration.ofSeconds(5);
        var measured = Duration.ofSeconds(10);
        var layouts = List.of(Setting.Layout.values());
        var out = Path.of("loadtest", "target", "pairs.json");
        for (var i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + ": no value");
            }
            var value = arguments[i + 1];
            switch (arguments[i]) {
                case "--jar" -> jar = Path.of(value);
                case "--classes" -> classes = Path.of(value);
                case "--jvm-flags" -> flags = List.of(value.strip().split("\\s+"));
                case "--in-flight" -> inFlight = Integer.parseInt(value);
                case "--warm-up" -> warmUp = Duration.ofSeconds(Long.parseLong(value));
                case "--seconds" -> measured = Duration.ofSeconds(Long.parseLong(value));
                case "--layouts" ->
                        layouts =
                                Arrays.stream(value.split(",", -1))
                                        .map(Setting.Layout::parse)
                                        .toList();
                case "--out" -> out = Path.of(value);
                default -> throw new IllegalArgumentException("argument: " + arguments[i]);
            }
        }
        return new PairsSettings(jar, classes, flags, inFlight, warmUp, measured, layouts, out);
    }

    List<Setting> settings() {
        return Setting.ALL.stream().filter(setting -> layouts.contains(setting.layout())).toList();
    }

    /// The command line that starts a node.
    ///
    /// @param place what is this node's own: its journal, its members, its database
    List<String> nodeCommand(Setting setting, List<String> place) {
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(jvmFlags);
        words.addAll(List.of("-classpath", classes + ":" + jar, NODE));
        words.addAll(List.of("--organizations", Integer.toString(setting.organizations())));
        words.addAll(List.of("--budgets", Integer.toString(setting.budgets())));
        words.addAll(List.of("--in-flight", Integer.toString(inFlight)));
        words.addAll(List.of("--warm-up", Long.toString(warmUp.toSeconds())));
        words.addAll(List.of("--seconds", Long.toString(measured.toSeconds())));
        words.addAll(place);
        return words;
    }
}
