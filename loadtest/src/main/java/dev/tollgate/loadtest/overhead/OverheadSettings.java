package dev.tollgate.loadtest.overhead;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How an overhead run is set up.
///
/// @param jar Tollgate's runnable jar
/// @param command a whole command line in place of the jar
/// @param jvmFlags for the jar
/// @param withGateway false to measure direct and nginx only
/// @param budgets two, that apply to every request; more of them are measured beside two
/// @param warmUp requests to each target before anything counts
/// @param warmUpMax time that takes at most, per target
/// @param requests whole answers per target, concurrency and round; half as many are streamed
/// @param rounds of all targets in turn, of which the median counts
/// @param nginxWorkers `1` or `auto`
/// @param out where the JSON goes
public record OverheadSettings(
        Path jar,
        Optional<List<String>> command,
        List<String> jvmFlags,
        boolean withGateway,
        int budgets,
        int warmUp,
        Duration warmUpMax,
        int requests,
        int rounds,
        Path nginx,
        String nginxWorkers,
        Path out) {

    /// What Tollgate is run with unless told otherwise, as `mvn exec:exec` runs it; the first is
    /// not optional, see the node's documentation of the common pool.
    public static final List<String> JVM_FLAGS =
            List.of(
                    "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4",
                    "--sun-misc-unsafe-memory-access=allow",
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseCompactObjectHeaders",
                    "-Xmx512m",
                    "-XX:+UseParallelGC",
                    "-XX:MetaspaceSize=128m");

    /// With which a request is compared to nginx.
    static final int BUDGETS = 2;

    public OverheadSettings {
        command = command.map(List::copyOf);
        jvmFlags = List.copyOf(jvmFlags);
        if (requests < 2 || rounds < 1) {
            throw new IllegalArgumentException(
                    "requests: " + requests + ", rounds: " + rounds + " (expected: >= 2, >= 1)");
        }
        if (budgets < BUDGETS) {
            throw new IllegalArgumentException(
                    "budgets: " + budgets + " (expected: >= " + BUDGETS + ")");
        }
    }

    /// The command line that starts Tollgate.
    List<String> gatewayCommand() {
        if (command.isPresent()) {
            return command.get();
        }
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(jvmFlags);
        words.add("-jar");
        words.add(jar.toString());
        return words;
    }

    /// Reads `--name value` pairs; `--no-gateway` stands alone.
    static OverheadSettings parse(String... arguments) {
        var jar = Path.of("gateway-node", "target", "tollgate.jar");
        var command = Optional.<List<String>>empty();
        var flags = JVM_FLAGS;
        var withGateway = true;
        var budgets = BUDGETS;
        var warmUp = 200_000;
        var requests = 10_000;
        var rounds = 5;
        var nginx = Path.of("/usr/sbin/nginx");
        var workers = "1";
        var out = Path.of("loadtest", "target", "overhead.json");
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--no-gateway" -> withGateway = false;
                case "--jar" -> jar = Path.of(arguments[++i]);
                case "--command" -> command = Optional.of(words(arguments[++i]));
                case "--jvm-flags" -> flags = words(arguments[++i]);
                case "--budgets" -> budgets = Integer.parseInt(arguments[++i]);
                case "--warm-up" -> warmUp = Integer.parseInt(arguments[++i]);
                case "--requests" -> requests = Integer.parseInt(arguments[++i]);
                case "--rounds" -> rounds = Integer.parseInt(arguments[++i]);
                case "--nginx" -> nginx = Path.of(arguments[++i]);
                case "--nginx-workers" -> workers = arguments[++i];
                case "--out" -> out = Path.of(arguments[++i]);
                default -> throw new IllegalArgumentException("argument: " + arguments[i]);
            }
        }
        return new OverheadSettings(
                jar,
                command,
                flags,
                withGateway,
                budgets,
                warmUp,
                Duration.ofSeconds(90),
                requests,
                rounds,
                nginx,
                workers,
                out);
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+"));
    }
}
