package dev.tollgate.loadtest.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Starts three nodes, breaks them in every way there is, and checks their books: `mvn -q -pl
/// loadtest compile exec:exec@faults -Dfaults.arguments="--set long --seed 1-5"`.
///
/// `--set short|long`, `--fault A,B`, `--seed N`, `--nodes N`, and more; `--help` explains each.
/// Exits with 0 when every fault happened and all promises held.
public final class FaultMain {

    private static final int USAGE = 2;

    private FaultMain() {}

    public static void main(String[] arguments) throws IOException, SQLException {
        System.setProperty("logback.configurationFile", "dev/tollgate/loadtest/logback.xml");
        var words = List.of(arguments);
        if (words.contains("--help")) {
            System.out.print(FaultSettings.HELP);
            return;
        }
        var list = words.contains("--list");
        FaultSettings settings;
        try {
            settings =
                    FaultSettings.parse(
                            words.stream()
                                    .filter(word -> !word.equals("--list"))
                                    .toArray(String[]::new));
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(USAGE);
            return;
        }
        if (list) {
            settings.faults().forEach(fault -> System.out.println(fault.name()));
            return;
        }
        if (!settings.loopback() && !Sandbox.isInside() && Sandbox.isPossible()) {
            System.exit(Sandbox.enter(arguments));
        }
        System.exit(run(settings) ? 0 : 1);
    }

    private static boolean run(FaultSettings settings) throws IOException, SQLException {
        var directory = Files.createTempDirectory("tollgate-faults");
        var network =
                Sandbox.isInside()
                        ? new Network.Namespaces(settings.nodes())
                        : new Network.Loopback("no network namespaces (expected: root on Linux)");
        System.out.println(
                "%d nodes, seeds %s, logs and data in %s"
                        .formatted(settings.nodes(), settings.seeds(), directory));
        var results = new ArrayList<FaultResult>();
        List<String> unnoticed;
        try (var stage = new Stage(settings, network, directory)) {
            Runtime.getRuntime().addShutdownHook(new Thread(stage::close, "faults-stop"));
            var director = new Director(stage, System.out::println);
            results.add(director.open(settings.seeds().getFirst()));
            for (var seed : settings.seeds()) {
                settings.faults().forEach(fault -> results.add(director.play(fault, seed)));
            }
            unnoticed = new Spoiled(stage).unnoticed();
        }
        var report = new FaultReport(results);
        report.writeJson(settings.out());
        System.out.println();
        System.out.print(report.table());
        System.out.println(
                unnoticed.isEmpty()
                        ? "spoiled afterwards: a bill line, a row doubled, a row gone: all noticed"
                        : "SPOILED AND NOT NOTICED: " + String.join(", ", unnoticed));
        System.out.println("written to " + settings.out());
        var good = report.isGood() && unnoticed.isEmpty();
        if (good && !settings.keep()) {
            remove(directory);
        }
        return good;
    }

    private static void remove(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
