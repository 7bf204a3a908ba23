package dev.tollgate.loadtest.fault;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a run is set up.
///
/// @param jar Tollgate's runnable jar, unless `classPath` is there
/// @param classPath of `dev.tollgate.node.Main`
/// @param set `short` or `long`
/// @param only the faults to run, by name; empty for all
/// @param seeds each plays the whole set
/// @param out where the JSON goes
/// @param keep whether the directory with all logs and data stays after a good run, too
record FaultSettings(
        Path jar,
        Optional<String> classPath,
        String jvmFlags,
        int nodes,
        String set,
        List<String> only,
        List<Long> seeds,
        Path nginx,
        Path out,
        boolean keep,
        boolean loopback) {

    static final String HELP =
            """
            Starts three nodes, breaks them in every way there is, and checks their books.

              --set short|long     a few minutes, or everything this machine can do (default: short)
              --fault A,B          only these of the set; --list names them
              --seed N             the seed of the run, or several: 1,2,3 or 1-20 (default: 1)
              --nodes N            how many nodes (default: 3)
              --jar FILE           Tollgate's runnable jar (default: gateway-node/target/tollgate.jar)
              --class-path PATH    the class path of a node, in place of the jar
              --jvm-flags "..."    of a node, in place of the usual ones
              --nginx FILE         (default: /usr/sbin/nginx)
              --out FILE           where the results go as JSON (default: loadtest/target/faults.json)
              --loopback           no namespaces: faults of the network are not run
              --keep               leaves logs and data behind after a good run, too
              --list               names the faults of the set
              --help

            Exits with 0 when every fault happened and all promises held, with 1 otherwise.
            """;

    private static final String JVM_FLAGS =
            "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4"
                    + " --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
                    + " -XX:+UseCompactObjectHeaders -XX:+UseG1GC -XX:-UsePerfData -Xmx512m";

    FaultSettings {
        only = List.copyOf(only);
        seeds = List.copyOf(seeds);
        if (!List.of("short", "long").contains(set)) {
            throw new IllegalArgumentException("--set: " + set + " (expected: short or long)");
        }
        if (nodes < 1 || nodes > 9) {
            throw new IllegalArgumentException("--nodes: " + nodes + " (expected: 1 to 9)");
        }
    }

    /// Reads `--name value` pairs; `--loopback` and `--keep` stand alone.
    static FaultSettings parse(String... arguments) {
        var jar = Path.of("gateway-node", "target", "tollgate.jar");
        var classPath = Optional.<String>empty();
        var jvmFlags = JVM_FLAGS;
        var nodes = 3;
        var set = "short";
        var only = List.<String>of();
        var seeds = List.of(1L);
        var nginx = Path.of("/usr/sbin/nginx");
        var out = Path.of("loadtest", "target", "faults.json");
        var keep = false;
        var loopback = false;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--jar" -> jar = Path.of(arguments[++i]);
                case "--class-path" -> classPath = Optional.of(arguments[++i]);
                case "--jvm-flags" -> jvmFlags = arguments[++i];
                case "--nodes" -> nodes = Integer.parseInt(arguments[++i]);
                case "--set" -> set = arguments[++i];
                case "--fault" -> only = List.of(arguments[++i].split(",", -1));
                case "--seed" -> seeds = seeds(arguments[++i]);
                case "--nginx" -> nginx = Path.of(arguments[++i]);
                case "--out" -> out = Path.of(arguments[++i]);
                case "--loopback" -> loopback = true;
                case "--keep" -> keep = true;
                default ->
                        throw new IllegalArgumentException(
                                arguments[i] + " (expected: see --help)");
            }
        }
        return new FaultSettings(
                jar, classPath, jvmFlags, nodes, set, only, seeds, nginx, out, keep, loopback);
    }

    private static List<Long> seeds(String text) {
        var seeds = new ArrayList<Long>();
        for (var part : text.split(",", -1)) {
            var ends = part.split("-", 2);
            var last = Long.parseLong(ends[ends.length - 1]);
            for (var seed = Long.parseLong(ends[0]); seed <= last; seed++) {
                seeds.add(seed);
            }
        }
        return seeds;
    }

    /// The command line of a node.
    List<String> nodeCommand() {
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of(jvmFlags.strip().split("\\s+")));
        classPath.ifPresentOrElse(
                path -> words.addAll(List.of("-cp", path, "dev.tollgate.node.Main")),
                () -> words.addAll(List.of("-jar", jar.toAbsolutePath().toString())));
        return words;
    }

    List<Fault> faults() {
        var all = set.equals("short") ? ShortSet.faults() : LongSet.faults();
        var chosen =
                all.stream()
                        .filter(fault -> only.isEmpty() || only.contains(fault.name()))
                        .toList();
        if (!only.isEmpty() && chosen.size() < only.size()) {
            throw new IllegalArgumentException(
                    "--fault: " + only + " (expected: ones that --list names)");
        }
        return chosen;
    }
}
