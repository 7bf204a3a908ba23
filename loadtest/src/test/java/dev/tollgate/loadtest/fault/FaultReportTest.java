package dev.tollgate.loadtest.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultReportTest {

    @Test
    void a_run_is_good_when_all_faults_happened_and_no_promise_was_broken() {
        assertThat(report(result(injected()), result(notApplicable())).isGood()).isTrue();
    }

    @Test
    void a_fault_that_did_not_happen_spoils_the_run() {
        var report = report(result(injected()), result(new Injection.NotRun("no nft")));

        assertThat(report.isGood()).isFalse();
        assertThat(report.table()).contains("NOT RUN").contains("no nft");
    }

    @Test
    void a_broken_promise_spoils_the_run() {
        var report = report(result(injected(), "no call is booked twice: 3"));

        assertThat(report.isGood()).isFalse();
        assertThat(report.table()).contains("FAILED").contains("no call is booked twice: 3");
    }

    @Test
    void runs_of_a_fault_are_one_line_of_the_table() {
        var table = report(result(injected()), result(injected())).table();

        assertThat(table.lines()).hasSize(2);
        assertThat(table).containsPattern("kill +1-1 +2 passed +200 ");
    }

    @Test
    void the_json_has_every_number(@TempDir Path directory) throws Exception {
        var file = directory.resolve("new").resolve("faults.json");

        report(result(injected(), "so")).writeJson(file);

        var json = new ObjectMapper().readTree(file.toFile());
        assertThat(json.path("good").asBoolean(true)).isFalse();
        var result = json.path("results").path(0);
        assertThat(result.path("acknowledged").asLong()).isEqualTo(100);
        assertThat(result.path("violations").path(0).asText()).isEqualTo("so");
        assertThat(result.path("unavailable_seconds").asDouble()).isEqualTo(1.5);
    }

    private static FaultReport report(FaultResult... results) {
        return new FaultReport(List.of(results));
    }

    private static FaultResult result(Injection injection, String... violations) {
        return new FaultResult(
                "kill",
                1,
                injection,
                Optional.of(new Verdict(100, 0, 0, 0, 0, 1, 4, List.of())),
                0,
                1.5,
                List.of(violations));
    }

    private static Injection injected() {
        return new Injection.Injected("exit 137");
    }

    private static Injection notApplicable() {
        return new Injection.NotApplicable("takes 3 nodes");
    }
}
