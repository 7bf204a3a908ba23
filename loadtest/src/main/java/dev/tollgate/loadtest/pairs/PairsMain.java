package dev.tollgate.loadtest.pairs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.Consumer;

/// Measures pairs of hold and settle a second: `mvn -q -pl loadtest compile exec:exec@pairs`.
///
/// `--jar FILE`, `--classes DIRECTORY`, `--jvm-flags LINE`, `--in-flight N`, `--warm-up SECONDS`,
/// `--seconds SECONDS`, `--layouts alone,grid,three`, `--out FILE`. Exits with 0 when nothing was
/// refused and every node ended well.
public final class PairsMain {

    private PairsMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.setProperty("logback.configurationFile", "dev/tollgate/loadtest/logback.xml");
        var settings = PairsSettings.parse(arguments);
        if (!Files.isReadable(settings.jar()) || !Files.isDirectory(settings.classes())) {
            throw new IllegalArgumentException(
                    "jar: %s, classes: %s (expected: both there, see `mvn -DskipTests package`)"
                            .formatted(settings.jar(), settings.classes()));
        }
        var directory = Files.createTempDirectory("tollgate-pairs");
        Consumer<String> progress = System.err::println;
        PairsReport report;
        try (var pairs = new Pairs(settings, directory, progress)) {
            Runtime.getRuntime().addShutdownHook(new Thread(pairs::close, "pairs-stop"));
            report = pairs.run();
        }
        report.writeJson(settings.out());
        System.out.print(report.table());
        System.out.println("written to " + settings.out());
        if (!report.isGood()) {
            System.out.println("refused or not ended well: see the logs in " + directory);
            System.exit(1);
        }
        remove(directory);
    }

    private static void remove(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
