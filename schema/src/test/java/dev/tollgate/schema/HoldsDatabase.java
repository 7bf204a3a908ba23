package dev.tollgate.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A process that opens a data directory, writes a team into it, says so, and holds it until its
/// input ends.
final class HoldsDatabase {

    private HoldsDatabase() {}

    public static void main(String[] arguments) throws IOException {
        try (var database = Database.embedded(Path.of(arguments[0]), Binaries.DIRECTORY)) {
            database.dsl()
                    .execute(
                            "insert into teams (organization, name) values ('local', 'written"
                                    + " before the kill')");
            System.out.println("holding");
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /// Starts one, and returns when it holds the directory.
    static Process start(Path dataDirectory) throws IOException {
        var java = ProcessHandle.current().info().command().orElseThrow();
        var process =
                new ProcessBuilder(
                                java,
                                "-classpath",
                                System.getProperty("java.class.path"),
                                HoldsDatabase.class.getName(),
                                dataDirectory.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        awaitHolding(process.getInputStream());
        return process;
    }

    private static void awaitHolding(InputStream output) throws IOException {
        var said = new String(output.readNBytes("holding".length()), StandardCharsets.UTF_8);
        if (!said.equals("holding")) {
            throw new IOException("the process said " + said);
        }
    }
}
