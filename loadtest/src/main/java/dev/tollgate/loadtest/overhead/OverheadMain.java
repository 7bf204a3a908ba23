package dev.tollgate.loadtest.overhead;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/// Measures what Tollgate costs against a bare nginx, prints the table and writes the JSON.
///
/// `--jar FILE | --command LINE`, `--jvm-flags LINE`, `--warm-up N`, `--requests N`, `--rounds N`,
/// `--nginx FILE`, `--nginx-workers 1|auto`, `--out FILE`, `--no-gateway`.
public final class OverheadMain {

    private OverheadMain() {}

    public static void main(String[] arguments) throws IOException {
        System.setProperty("logback.configurationFile", "dev/tollgate/loadtest/logback.xml");
        var settings = OverheadSettings.parse(arguments);
        if (!Files.isExecutable(settings.nginx())) {
            throw new IllegalArgumentException(
                    "nginx: " + settings.nginx() + " (expected: Debian's package nginx installed)");
        }
        if (settings.withGateway()
                && settings.command().isEmpty()
                && !Files.isReadable(settings.jar())) {
            throw new IllegalArgumentException(
                    "jar: " + settings.jar() + " (expected: the runnable jar, see `mvn package`)");
        }
        var directory = Files.createTempDirectory("tollgate-overhead");
        var report = new Overhead(settings, directory, System::nanoTime, System.err::println).run();
        report.writeJson(settings.out());
        System.out.println(report.table());
        System.out.println("written to " + settings.out());
        // Only after a good run: the logs in it explain a bad one.
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
