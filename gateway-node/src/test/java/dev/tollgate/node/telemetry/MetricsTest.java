package dev.tollgate.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Problem.Unauthenticated.Reason;
import dev.tollgate.usage.Recorder;
import dev.tollgate.usage.Recorder.Kind;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `/metrics` as a scraper reads it.
class MetricsTest {

    private static final String SERIES =
            "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\","
                    + "gen_ai_request_model=\"gpt-5\"";
    private static final Pattern LINE =
            Pattern.compile("([a-z_:][a-z0-9_:]*(?:\\{[^{}]*})?) (-?[0-9.E+-]+|\\+Inf|NaN)");

    private final AtomicLong clock = new AtomicLong(Samples.RECEIVED_NANOS);
    private final Telemetry telemetry =
            Telemetry.start(
                    TelemetrySettings.defaults(), "node-1", Samples.LISTED::equals, clock::get);

    @Test
    void a_settled_request_is_counted_with_its_tokens_and_its_cost() {
        run(Samples.exchange(""), Samples.answered());

        assertThat(scraped())
                .containsEntry(
                        "tollgate_requests_total{endpoint=\"/v1/chat/completions\","
                                + "model=\"gpt-5\",outcome=\"complete\",problem=\"\"}",
                        1.0)
                .containsEntry(tokens("input"), 30.0)
                .containsEntry(tokens("cache_read"), 60.0)
                .containsEntry(tokens("cache_write_5m"), 10.0)
                .containsEntry(tokens("output"), 11.0)
                .containsEntry(tokens("reasoning"), 4.0)
                .containsEntry(
                        "tollgate_cost_nano_usd_total{model=\"gpt-5\",provider=\"openai-main\"}",
                        2500.0)
                .containsEntry("tollgate_settlements_total{source=\"provider\"}", 1.0)
                .containsEntry("tollgate_requests_active", 0.0);
    }

    @Test
    void a_stream_is_timed_from_the_request_to_its_first_byte_and_by_token_after_it() {
        run(Samples.exchange(""), Samples.answered());

        assertThat(scraped())
                .containsEntry(
                        "gen_ai_server_time_to_first_token_seconds_sum{" + SERIES + "}", 0.023)
                .containsEntry(
                        "gen_ai_server_time_per_output_token_seconds_sum{" + SERIES + "}", 0.05)
                .containsEntry(
                        "gen_ai_server_request_duration_seconds_sum{error_type=\"\","
                                + SERIES
                                + "}",
                        0.523)
                .containsEntry(
                        "gen_ai_client_operation_duration_seconds_count{error_type=\"\","
                                + SERIES
                                + "}",
                        1.0);
    }

    @Test
    void a_whole_answer_has_no_time_to_first_token() {
        run(Samples.exchange(Samples.LISTED, false, ""), Samples.answered());

        assertThat(scraped())
                .containsEntry(
                        "gen_ai_server_time_to_first_token_seconds_count{" + SERIES + "}", 0.0);
    }

    @Test
    void estimates_and_overruns_are_counted() {
        run(Samples.exchange(""), Samples.left());

        assertThat(scraped())
                .containsEntry("tollgate_settlements_total{source=\"estimated\"}", 1.0)
                .containsEntry(
                        "tollgate_overruns_total{model=\"gpt-5\",provider=\"openai-main\"}", 1.0)
                .containsEntry(
                        "tollgate_requests_total{endpoint=\"/v1/chat/completions\","
                                + "model=\"gpt-5\",outcome=\"client_left\",problem=\"\"}",
                        1.0);
    }

    @Test
    void an_attempt_that_another_follows_is_counted_with_what_it_was_settled_for() {
        recorder().failedOver(Samples.exchange(""), Samples.left());

        assertThat(scraped())
                .containsEntry(
                        "tollgate_failovers_total{model=\"gpt-5\",outcome=\"client_left\","
                                + "provider=\"openai-main\"}",
                        1.0)
                .containsEntry("tollgate_settlements_total{source=\"estimated\"}", 1.0);
    }

    @Test
    void refusals_are_counted_by_kind() {
        var refused = recorder().start(Samples.exchange(""), Kind.REQUEST);
        refused.refused(new Problem.QuotaUnavailable("opening"));
        recorder()
                .refusedAtDoor(
                        "r1", "/v1/messages", new Problem.Unauthenticated(Reason.UNKNOWN), 1000);

        assertThat(scraped())
                .containsEntry(
                        "tollgate_requests_total{endpoint=\"/v1/chat/completions\","
                                + "model=\"gpt-5\",outcome=\"refused\","
                                + "problem=\"quota_unavailable\"}",
                        1.0)
                .containsEntry(
                        "tollgate_refused_at_door_total{path=\"/v1/messages\","
                                + "problem=\"unauthenticated\"}",
                        1.0);
    }

    @Test
    void requests_in_flight_are_active() {
        var first = recorder().start(Samples.exchange(""), Kind.REQUEST);
        recorder().start(Samples.exchange(""), Kind.REQUEST);
        first.ended(Samples.answered());

        assertThat(scraped()).containsEntry("tollgate_requests_active", 1.0);
    }

    @Test
    void a_recording_that_is_ended_twice_counts_once() {
        var recording = recorder().start(Samples.exchange(""), Kind.REQUEST);

        recording.ended(Samples.answered());
        recording.failed(new IllegalStateException("late"));

        assertThat(scraped()).containsEntry(tokens("output"), 11.0);
        assertThat(telemetry.metrics().scrape()).doesNotContain("outcome=\"bug\"");
    }

    @Test
    void model_names_that_callers_make_up_are_one_label() {
        for (var i = 0; i < 50; i++) {
            run(Samples.exchange("made-up-" + i, true, ""), Samples.answered());
        }

        assertThat(telemetry.metrics().scrape()).doesNotContain("made-up");
        assertThat(scraped())
                .containsEntry(
                        "tollgate_cost_nano_usd_total{model=\"other\",provider=\"openai-main\"}",
                        125_000.0);
    }

    @Test
    void nothing_of_what_was_said_or_who_said_it_is_in_the_metrics() {
        run(Samples.exchange(""), Samples.answered());

        assertThat(telemetry.metrics().scrape()).doesNotContain(Samples.CANARIES);
    }

    @Test
    void values_of_other_parts_are_read_at_the_scrape() {
        var open = new AtomicLong(3);
        telemetry.metrics().gauge("tollgate_open_holds", "Holds open.", open::get);
        telemetry.metrics().counter("tollgate_booked_total", "Entries booked.", () -> 7);
        open.set(4);

        assertThat(scraped())
                .containsEntry("tollgate_open_holds", 4.0)
                .containsEntry("tollgate_booked_total", 7.0);
    }

    @Test
    void a_broken_source_hides_no_other() {
        telemetry
                .metrics()
                .gauge(
                        "tollgate_broken",
                        "Fails.",
                        () -> {
                            throw new IllegalStateException("gone");
                        });

        assertThat(scraped())
                .doesNotContainKey("tollgate_broken")
                .containsKey("tollgate_requests_active")
                .containsKey("jvm_memory_used_bytes{area=\"heap\"}")
                .containsKey("jvm_threads_current")
                .containsKey("process_cpu_seconds_total");
    }

    @Test
    void without_an_endpoint_the_callers_traceparent_goes_through() {
        var caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        assertThat(recorder().start(Samples.exchange(caller), Kind.REQUEST).traceParent())
                .isEqualTo(caller);
        assertThat(recorder().start(Samples.exchange(""), Kind.REQUEST).traceParent()).isEmpty();
    }

    /// A request that waits 3 ms before its one attempt of 520 ms.
    private void run(Exchange exchange, Outcome outcome) {
        clock.set(Samples.RECEIVED_NANOS);
        var request = recorder().start(exchange, Kind.REQUEST);
        clock.addAndGet(3_000_000);
        var attempt = recorder().start(exchange, Kind.ATTEMPT);
        attempt.answered(200);
        request.answered(200);
        clock.addAndGet(520_000_000);
        attempt.ended(outcome);
        request.ended(outcome);
    }

    private Recorder recorder() {
        return telemetry.recorder();
    }

    private static String tokens(String tokenClass) {
        return "tollgate_tokens_total{class=\""
                + tokenClass
                + "\",model=\"gpt-5\",provider=\"openai-main\"}";
    }

    /// Every sample by its name and labels; fails on a line that is neither sample nor comment.
    private Map<String, Double> scraped() {
        return telemetry
                .metrics()
                .scrape()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> {
                    var sample = LINE.matcher(line);
                    assertThat(sample.matches()).as(line).isTrue();
                    return sample;
                })
                .collect(
                        Collectors.toMap(
                                sample -> sample.group(1),
                                sample ->
                                        Double.parseDouble(
                                                sample.group(2).replace("+Inf", "Infinity"))));
    }
}
