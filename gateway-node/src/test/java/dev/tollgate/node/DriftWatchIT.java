package dev.tollgate.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.schema.Database;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftWatchIT {

    @TempDir Path data;

    @Test
    void counts_the_sums_that_are_not_what_the_ledger_says() {
        try (var database = Database.embedded(data, Path.of("target", "postgres-binaries"))) {
            var sql = database.dsl();
            var watch = new DriftWatch(sql, Clock.systemUTC());
            sql.execute("select open_book('local', 1)");
            sql.execute(
                    """
                    select book_entries('local', 1, 1, json_build_array(json_build_object(
                      'seq', 1, 'id', uuidv7(), 'request_id', uuidv7(), 'kind', 'attempt', 'occurred_at', now(),
                      'requests', 1, 'output_tokens', 5, 'status', 'ok')))
                    """);
            watch.look();
            assertThat(watch.drifts()).isZero();

            sql.execute("update usage_hourly set output_tokens = 7, errors = 1");
            watch.look();

            assertThat(watch.drifts()).isEqualTo(2);
        }
    }
}
