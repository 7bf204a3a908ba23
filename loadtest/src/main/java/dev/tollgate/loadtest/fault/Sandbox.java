package dev.tollgate.loadtest.fault;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Starts this program once more in namespaces of its own: of the network, of processes and of
/// mounts. All it starts ends with it, however it ends, and no packet gets out.
final class Sandbox {

    private static final String MARK = "tollgate.sandbox";
    private static final List<String> UNSHARE =
            List.of(
                    "unshare",
                    "--net",
                    "--pid",
                    "--fork",
                    "--mount",
                    "--mount-proc",
                    "--kill-child");

    private Sandbox() {}

    static boolean isInside() {
        return Boolean.getBoolean(MARK);
    }

    static boolean isPossible() {
        return System.getProperty("os.name", "").equals("Linux")
                && Shell.succeeds(
                        command(
                                        "mount -t tmpfs none /run && ip netns add probe"
                                                + " && ip link add name probe0 type bridge")
                                .toArray(String[]::new));
    }

    /// @return its exit code
    static int enter(String[] arguments) throws IOException {
        var java = new ArrayList<String>();
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        java.addAll(
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(Sandbox::isFlagOfTheBuild)
                        .toList());
        java.add("-XX:-UsePerfData");
        java.add("-D" + MARK + "=true");
        java.addAll(List.of("-cp", System.getProperty("java.class.path")));
        java.add(FaultMain.class.getName());
        java.addAll(List.of(arguments));
        // `/run` of its own holds the names of the network namespaces.
        var command = command("mount -t tmpfs none /run && ip link set lo up && exec \"$@\"");
        command.add("sandbox");
        command.addAll(java);
        var process = new ProcessBuilder(command).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "sandbox-stop"));
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static List<String> command(String script) {
        var command = new ArrayList<>(UNSHARE);
        command.addAll(List.of("sh", "-c", script));
        return command;
    }

    private static boolean isFlagOfTheBuild(String flag) {
        return flag.startsWith("-Djava.util.concurrent.")
                || flag.startsWith("-X")
                || flag.startsWith("--");
    }
}
