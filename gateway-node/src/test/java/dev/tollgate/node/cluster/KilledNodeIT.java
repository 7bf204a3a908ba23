package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.tollgate.schema.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledNodeIT {

    @TempDir Path data;

    @Test
    void what_a_killed_process_held_and_settled_is_booked_once_after_a_restart() throws Exception {
        var journal = data.resolve("journal");
        try (var database = Database.embedded(data, ClusterScene.BINARIES)) {
            var held = new TreeSet<String>();
            var settled = new TreeSet<String>();
            for (var life = 0; life < 2; life++) {
                var lines = runUntilKilled(urlOf(database), journal, 300 + life * 137);
                held.addAll(idsOf(lines, "held "));
                settled.addAll(idsOf(lines, "settled "));
            }
            assertThat(settled).hasSizeGreaterThan(200);

            try (var scene = new ClusterScene(journal, ClusterScene.storeOn(database))) {
                scene.drain();
            }

            var ledger = column(database, "select id::text from ledger");
            // The process may have held one more than it came to print.
            assertThat(ledger).doesNotHaveDuplicates().containsAll(held);
            assertThat(ledger).hasSizeLessThanOrEqualTo(held.size() + 2);
            var provider =
                    column(database, "select id::text from ledger where usage_source = 'provider'");
            assertThat(provider).containsAll(settled);
            assertThat(provider).hasSizeLessThanOrEqualTo(settled.size() + 2);
            assertThat(column(database, "select requests::text from budget_windows"))
                    .containsExactly(String.valueOf(ledger.size()));
            assertThat(column(database, "select id::text from ledger_rejected")).isEmpty();
            assertThat(JournalReplay.read(journal, new UUID(0, 0)).files()).isEmpty();
        }
    }

    private List<String> runUntilKilled(String url, Path journal, int linesRead)
            throws IOException, InterruptedException {
        var errors = Files.createTempFile(data, "killed", ".log").toFile();
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4",
                                "--sun-misc-unsafe-memory-access=allow",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx256m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledNode.class.getName(),
                                url,
                                journal.toString())
                        .redirectError(errors)
                        .start();
        var lines = new ArrayList<String>();
        try (var output = process.inputReader()) {
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
                if (lines.size() == linesRead) {
                    // Unlike the process's own method it leaves the output open, for what came
                    // before.
                    process.toHandle().destroyForcibly();
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(lines)
                .as(Files.readString(errors.toPath()))
                .hasSizeGreaterThanOrEqualTo(linesRead);
        // A line cut by the kill names no id.
        lines.removeIf(line -> line.length() < "held ".length() + 36);
        return lines;
    }

    private static Set<String> idsOf(List<String> lines, String prefix) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .filter(id -> id.length() == 36)
                .collect(Collectors.toSet());
    }

    private static List<String> column(Database database, String sql) {
        return database.dsl().fetch(sql).getValues(0, String.class);
    }

    private static String urlOf(Database database) {
        var pool = (HikariDataSource) database.dataSource();
        return "%s?user=%s&password=%s"
                .formatted(pool.getJdbcUrl(), pool.getUsername(), pool.getPassword());
    }
}
