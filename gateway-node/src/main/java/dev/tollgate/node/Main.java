package dev.tollgate.node;

import dev.tollgate.admin.desired.DesiredStateException;
import dev.tollgate.caller.KeyFormat;
import dev.tollgate.node.settings.NodeSettings;
import dev.tollgate.node.settings.SettingsException;
import dev.tollgate.node.settings.SettingsFile;
import dev.tollgate.node.settings.SettingsReader;
import dev.tollgate.node.telemetry.Logs;
import dev.tollgate.schema.DatabaseStartException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Map;

/// The program: `run` (the default) starts a node and keeps it running until it is told to stop;
/// `new-key` prints a key for the settings file.
public final class Main {

    private static final String POOL_PARALLELISM =
            "java.util.concurrent.ForkJoinPool.common.parallelism";
    private static final String POOL_PARALLELISM_NEEDED = "4";
    private static final int EXIT_USAGE = 2;
    private static final int EXIT_START_FAILED = 1;

    private Main() {}

    public static void main(String[] arguments) {
        var command = arguments.length == 0 ? "run" : arguments[0];
        switch (command) {
            case "run" -> run();
            case "new-key" -> System.out.println(KeyFormat.mint(new SecureRandom()).reveal());
            default -> {
                System.err.println("command: " + command + " (expected: run, new-key)");
                System.exit(EXIT_USAGE);
            }
        }
    }

    private static void run() {
        // Read once, by whoever uses the common pool first; a jar cannot carry the flag itself.
        if (System.getProperty(POOL_PARALLELISM) == null) {
            System.setProperty(POOL_PARALLELISM, POOL_PARALLELISM_NEEDED);
        }
        try {
            var environment = System.getenv();
            var node = Node.start(settings(environment), environment, host());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node), "tollgate-stop"));
            Banner.print(System.out, node);
        } catch (SettingsException | DesiredStateException | DatabaseStartException told) {
            fail(System.err, String.valueOf(told.getMessage()));
        } catch (RuntimeException failure) {
            failure.printStackTrace();
            fail(System.err, "Tollgate did not start: " + failure.getMessage());
        }
    }

    private static NodeSettings settings(Map<String, String> environment) {
        var file = environment.get("TOLLGATE_CONFIG");
        return file == null || file.isBlank()
                ? new SettingsReader(environment).read(Map.of(), "The environment")
                : new SettingsReader(environment).read(SettingsFile.read(Path.of(file)), file);
    }

    private static Node.Host host() {
        return new Node.Host(
                Clock.system(ZoneId.systemDefault()), System::nanoTime, new SecureRandom());
    }

    private static void stop(Node node) {
        node.close();
        Logs.stop();
    }

    private static void fail(PrintStream out, String message) {
        Logs.stop();
        out.println(message);
        // Threads of what did start must not keep a node alive that serves nothing.
        Runtime.getRuntime().halt(EXIT_START_FAILED);
    }
}
