package dev.tollgate.budget;

import static dev.tollgate.budget.FilterScene.ORGANIZATION;
import static dev.tollgate.budget.FilterScene.used;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Model;
import dev.tollgate.path.Allowance;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.price.Price;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import dev.tollgate.tokens.UsageSource;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of a request whose provider fails.
class FailoverTest {

    private static final Problem REFUSED = new Problem.UpstreamUnreachable("p", "refused");

    private final FilterScene scene = new FilterScene();

    FailoverTest() {
        scene.others.put("q", scene.model);
    }

    @AfterEach
    void leaves_no_hold_open() {
        assertThat(scene.books.inFlight(ORGANIZATION)).isZero();
        assertThat(scene.ticking).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504, 529})
    void an_answer_that_is_the_providers_state_is_tried_elsewhere(int status) {
        limit("b", Map.of(), Map.of("requests", 1));

        var reply = scene.send();
        scene.error(status);
        scene.answer(used(7, 9));

        assertThat(providers()).containsExactly("p", "q");
        assertThat(reply.result().status()).isEqualTo(200);
        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 7, 9, 25_000));
        assertThat(scene.attempts).containsExactly(1, 2);
        assertThat(scene.requests).containsExactly(0L, 1L);
        assertThat(scene.failedOver).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 413, 422, 501})
    void an_answer_that_is_the_requests_fault_is_passed_on(int status) {
        var reply = scene.send();
        scene.error(status);

        assertThat(providers()).containsExactly("p");
        assertThat(reply.result().status()).isEqualTo(status);
    }

    @Test
    void a_request_that_reached_nobody_is_tried_elsewhere_and_counts_there() {
        limit("b", Map.of(), Map.of("requests", 1));

        scene.send();
        refuse(REFUSED, UsageReport.notReached(1));
        scene.answer(used(7, 9));

        assertThat(providers()).containsExactly("p", "q");
        assertThat(scene.standing("b").posted().requests()).isEqualTo(1);
    }

    @Test
    void a_request_that_reached_nobody_at_all_does_not_count() {
        limit("b", Map.of(), Map.of("requests", 1));

        var reply = scene.send();
        refuse(REFUSED, UsageReport.notReached(1));
        refuse(REFUSED, UsageReport.notReached(1));

        assertThat(((Refusal) reply.cause()).problem()).isEqualTo(REFUSED);
        assertThat(scene.sent).hasSize(2);
        assertThat(scene.standing("b").posted()).isEqualTo(Amounts.NONE);
    }

    @Test
    void a_request_that_one_attempt_brought_to_a_provider_counts_with_the_last() {
        limit("b", Map.of(), Map.of("requests", 1));

        scene.send();
        scene.error(503);
        refuse(REFUSED, UsageReport.notReached(1));

        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 0, 0, 0));
        assertThat(scene.requests).containsExactly(0L, 1L);
    }

    @Test
    void an_attempt_without_an_answer_is_billed_as_estimated_and_tried_elsewhere() {
        limit("b", Map.of(), Map.of("requests", 5));

        scene.send();
        refuse(new Problem.UpstreamTimeout("p", "first byte", Duration.ofSeconds(1)), lost(0, ""));
        scene.answer(used(7, 9));

        assertThat(scene.outcomes.getFirst().source()).isEqualTo(UsageSource.ESTIMATED);
        assertThat(scene.outcomes.getFirst().usage().input()).isPositive();
        assertThat(scene.standing("b").posted().requests()).isEqualTo(1);
        assertThat(scene.standing("b").posted().inputTokens())
                .isEqualTo(7 + scene.outcomes.getFirst().usage().input());
    }

    @Test
    void an_answer_that_has_begun_is_not_tried_elsewhere() {
        var reply = scene.send();
        refuse(REFUSED, lost(200, "half"));

        assertThat(scene.sent).hasSize(1);
        assertThat(reply.failed()).isTrue();
    }

    @Test
    void the_last_answer_is_passed_on_when_all_fail() {
        scene.others.put("r", scene.model);
        scene.others.put("s", scene.model);
        limit("b", Map.of(), Map.of("requests", 5));

        var reply = scene.send();
        scene.error(500);
        scene.error(503);
        scene.error(429);

        assertThat(providers()).containsExactly("p", "q", "r");
        assertThat(reply.result().status()).isEqualTo(429);
        assertThat(scene.attempts).containsExactly(1, 2, 3);
        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 0, 0, 0));
        assertThat(scene.books.rows(ORGANIZATION)).hasSize(3);
    }

    @Test
    void a_deployment_whose_budget_has_no_room_is_passed_over() {
        scene.others.put("r", scene.model);
        limit("q", Map.of("provider", "q"), Map.of("requests", 0));

        var reply = scene.send();
        scene.error(503);
        scene.answer(used(7, 9));

        assertThat(providers()).containsExactly("p", "r");
        assertThat(reply.result().status()).isEqualTo(200);
        assertThat(scene.attempts.getLast()).isEqualTo(2);
    }

    @Test
    void the_providers_error_stands_where_no_other_has_room() {
        limit("b", Map.of(), Map.of("requests", 5));
        limit("q", Map.of("provider", "q"), Map.of("output_tokens", 10));
        scene.outputMax = OptionalLong.of(11);

        var reply = scene.send();
        scene.error(503);

        assertThat(scene.sent).hasSize(1);
        assertThat(reply.result().status()).isEqualTo(503);
        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 0, 0, 0));
        assertThat(scene.failedOver).isEmpty();
    }

    @Test
    void what_the_first_held_is_free_for_the_second() {
        limit("b", Map.of(), Map.of("output_tokens", 1_000, "requests", 1));
        scene.budget("in-flight", Map.of("concurrent_requests", 1));

        scene.send();
        scene.error(503);

        assertThat(scene.sent).hasSize(2);
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(1_000);
        scene.answer(used(7, 9));
    }

    @Test
    void the_second_is_held_at_its_own_price() {
        var dear = new Price("v2", 10_000_000, 0, 0, 0, 20_000_000, 0);
        scene.others.put("q", new Model("m", "o200k_base", 10_000, 1_000, 500, Optional.of(dear)));
        limit("b", Map.of(), Map.of("cost_usd", "1"));

        scene.send();
        scene.error(503);

        assertThat(scene.standing("b").held().costNanoUsd()).isEqualTo(10 * 2_164_000);
        scene.answer(used(7, 9));
        assertThat(scene.standing("b").posted().costNanoUsd()).isEqualTo(250_000);
    }

    @Test
    void the_second_is_shortened_for_itself() {
        limit("p", Map.of("provider", "p"), Map.of("output_tokens", 600));

        scene.send();
        assertThat(scene.sent.getFirst().outputGranted()).hasValue(600);
        scene.error(503);

        assertThat(scene.sent.getLast().outputGranted()).isEmpty();
        scene.answer(used(7, 9));
    }

    @Test
    void follows_a_configuration_that_changed_meanwhile() {
        limit("b", Map.of(), Map.of("requests", 5));

        scene.send();
        scene.newerBudget(
                2, "q", Map.of("scope", Map.of("provider", "q"), "limits", Map.of("requests", 0)));
        scene.error(503);

        assertThat(scene.refreshes).isEqualTo(1);
        assertThat(scene.sent).hasSize(1);
    }

    @Test
    void nobody_is_tried_for_a_client_who_has_left() {
        var reply = scene.send();
        scene.left.complete();
        scene.error(503);

        assertThat(scene.sent).hasSize(1);
        assertThat(reply.isComplete()).isTrue();
    }

    @Test
    void nobody_is_tried_after_the_deadline() {
        scene.send();
        scene.pass(60_000);
        scene.error(503);

        assertThat(scene.sent).hasSize(1);
    }

    @Test
    void nobody_is_tried_when_the_quota_state_cannot_be_verified() {
        var reply = scene.send();
        scene.books.failing = true;
        scene.error(503);

        assertThat(scene.sent).hasSize(1);
        assertThat(reply.result().status()).isEqualTo(503);
    }

    @Test
    void a_stream_whose_first_event_is_an_error_is_tried_elsewhere() {
        scene.send();
        var report = FilterScene.report(Completion.UPSTREAM_ERROR, Optional.of(Usage.NONE), "");
        scene.upstream
                .getLast()
                .complete(
                        new Reply(
                                200,
                                List.of(),
                                (Reply.Streamed) () -> 0,
                                Future.succeededFuture(Outcome.unsettled(report))));
        scene.answer(used(7, 9));

        assertThat(providers()).containsExactly("p", "q");
    }

    @Test
    void a_stream_that_is_on_its_way_is_not_tried_elsewhere() {
        scene.send();
        var ended = scene.stream((Reply.Streamed) () -> 0);
        ended.complete(Outcome.unsettled(lost(200, "half")));

        assertThat(scene.sent).hasSize(1);
    }

    /// Of a whole answer that was fetched as a stream.
    @Test
    void an_error_in_place_of_a_whole_answer_is_tried_elsewhere() {
        scene.send();
        refuse(REFUSED, FilterScene.report(Completion.UPSTREAM_ERROR, Optional.of(Usage.NONE), ""));
        scene.answer(used(7, 9));

        assertThat(providers()).containsExactly("p", "q");
    }

    @Test
    void the_second_is_held_elastically_for_itself() {
        elastic("b", 1_500);
        scene.send();
        var first = allowance();
        assertThat(first.covers(600)).isTrue();
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(1_500);

        scene.error(503);

        assertThat(providers()).containsExactly("p", "q");
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(1_024);
        assertThat(allowance()).isNotSameAs(first);
        assertThat(allowance().covers(600)).isTrue();
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(1_500);
        scene.answer(used(7, 9));
        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 7, 9, 25_000));
        assertThat(scene.standing("b").held()).isEqualTo(Amounts.NONE);
    }

    @Test
    void nothing_more_is_held_for_an_attempt_that_moved_on() {
        elastic("b", 50_000);
        scene.send();
        var first = allowance();
        scene.error(503);

        assertThat(first.covers(600)).isFalse();
        assertThat(first.more(600).result()).isFalse();

        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(1_024);
        scene.answer(used(7, 9));
    }

    @Test
    void the_second_holds_its_worst_case_where_it_hides_reasoning() {
        elastic("b", 50_000);
        scene.others.put("q", model("o3"));

        scene.send();
        scene.error(503);

        assertThat(scene.sent.getLast().allowance()).isEmpty();
        assertThat(scene.sent.getLast().fetchedAsStream()).isFalse();
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(10_000);
        scene.answer(used(7, 9));
    }

    @Test
    void another_attempts_room_is_kept_when_one_moves_on() {
        elastic("b", 1_500);
        scene.send();
        scene.send();
        var others = scene.standing("b").held().outputTokens() - 1_024;
        var second = scene.upstream.removeLast();

        scene.error(503);

        assertThat(others).isEqualTo(476);
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(1_500);
        scene.answer(used(7, 9));
        second.complete(
                new Reply(
                        200,
                        List.of(),
                        new Reply.Whole(new byte[0]),
                        Future.succeededFuture(Outcome.unsettled(used(7, 9)))));
        assertThat(scene.standing("b").posted().outputTokens()).isEqualTo(18);
    }

    // --- helpers ---

    private void elastic(String name, long outputTokens) {
        scene.model = model("m");
        scene.others.put("q", scene.model);
        scene.budget(
                name, Map.of("limits", Map.of("output_tokens", outputTokens), "hold", "elastic"));
    }

    private static Model model(String name) {
        return new Model(name, "o200k_base", 100_000, 10_000, 500, Optional.of(FilterScene.PRICE));
    }

    private Allowance allowance() {
        return scene.sent.getLast().allowance().orElseThrow();
    }

    private List<String> providers() {
        return scene.sent.stream()
                .map(Exchange::deployment)
                .map(deployment -> deployment.provider().name())
                .toList();
    }

    private void refuse(Problem problem, UsageReport report) {
        Refusal.<Reply>afterAttempt(problem, report)
                .onFailure(failure -> scene.upstream.getLast().fail(failure));
    }

    private static UsageReport lost(int status, String text) {
        return new UsageReport(
                Completion.UPSTREAM_FAILED,
                Optional.empty(),
                Optional.empty(),
                true,
                status,
                text,
                "",
                "",
                "",
                0,
                5,
                "");
    }

    private void limit(String name, Map<String, Object> scope, Map<String, Object> limits) {
        scene.budget(name, Map.of("scope", scope, "limits", limits));
    }
}
