package dev.tollgate.budget;

import static dev.tollgate.budget.FilterScene.NOW;
import static dev.tollgate.budget.FilterScene.ORGANIZATION;
import static dev.tollgate.budget.FilterScene.report;
import static dev.tollgate.budget.FilterScene.untold;
import static dev.tollgate.budget.FilterScene.used;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.catalogue.Model;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.price.Money;
import dev.tollgate.price.Price;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import dev.tollgate.tokens.UsageSource;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BudgetFilterTest {

    private static final long OVERHEAD = InputBound.OVERHEAD_TOKENS;

    private final FilterScene scene = new FilterScene();

    /// Whatever happened to a request, its hold has ended.
    @AfterEach
    void leaves_no_hold_open() {
        assertThat(scene.books.inFlight(ORGANIZATION)).isZero();
        assertThat(scene.ticking).isEmpty();
    }

    // --- holding ---

    @Test
    void holds_the_bytes_of_the_body_and_the_longest_answer() {
        limit("output_tokens", 5_000);

        scene.send();

        assertThat(scene.standing("b").held())
                .isEqualTo(new Amounts(1, 164, 1_000, 164_000 + 2_000_000));
        assertThat(scene.sent.getFirst().outputGranted()).isEmpty();
        scene.answer(used(7, 9));
    }

    @Test
    void holds_as_much_for_each_choice() {
        limit("output_tokens", 5_000);
        scene.outputMax = OptionalLong.of(200);
        scene.choices = 3;

        scene.send();

        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(600);
        scene.answer(used(7, 9));
    }

    @Test
    void bounds_parts_that_are_not_text_by_what_they_can_count_as() {
        limit("output_tokens", 5_000);
        scene.bodyBytes = 900;
        scene.imageBytes = 800;
        scene.attachments = 2;
        scene.tools = true;

        scene.send();

        assertThat(scene.standing("b").held().inputTokens())
                .isEqualTo(100 + 2 * 500 + OVERHEAD + InputBound.TOOLS_TOKENS);
        scene.answer(used(7, 9));
    }

    @Test
    void holds_no_more_input_than_the_model_reads() {
        limit("output_tokens", 5_000);
        scene.bodyBytes = 50_000;

        scene.send();

        assertThat(scene.standing("b").held().inputTokens()).isEqualTo(10_000);
        scene.answer(used(7, 9));
    }

    @Test
    void holds_no_output_for_embeddings() {
        limit("output_tokens", 5_000);
        scene.endpoint = Endpoint.EMBEDDINGS;

        scene.send();

        assertThat(scene.standing("b").held().outputTokens()).isZero();
        scene.answer(used(7, 0));
        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 7, 0, 7_000));
    }

    @Test
    void takes_nothing_for_counting_tokens() {
        limit("requests", 0);
        scene.endpoint = Endpoint.COUNT_TOKENS;

        scene.send();
        scene.answer(used(500, 0));

        assertThat(scene.standing("b").posted()).isEqualTo(Amounts.NONE);
        assertThat(scene.outcomes.getFirst().cost()).contains(Money.ZERO);
    }

    // --- clamping ---

    @Test
    void shortens_an_answer_whose_length_nobody_set() {
        limit("output_tokens", 600);

        var reply = scene.send();

        assertThat(scene.sent.getFirst().outputGranted()).hasValue(600);
        scene.answer(used(7, 9));
        assertThat(header(reply, "x-tollgate-clamped")).contains("600");
    }

    @Test
    void shortens_no_answer_below_the_least_that_makes_sense() {
        limit("output_tokens", 255);

        assertThat(exhausted(scene.send()).asked()).isEqualTo(256);
    }

    @Test
    void shortens_no_answer_below_its_thinking_budget() {
        limit("output_tokens", 600);
        scene.thinkingBudget = 600;

        assertThat(exhausted(scene.send()).asked()).isEqualTo(601);
    }

    @Test
    void refuses_rather_than_shortens_what_the_caller_asked_for() {
        limit("output_tokens", 600);
        scene.outputMax = OptionalLong.of(601);

        assertThat(exhausted(scene.send()).asked()).isEqualTo(601);
    }

    @Test
    void shortens_what_the_caller_asked_for_when_every_budget_says_so() {
        always("b", 600);
        scene.outputMax = OptionalLong.of(900);

        scene.send();

        assertThat(scene.sent.getFirst().outputGranted()).hasValue(600);
        scene.answer(used(7, 9));
    }

    @Test
    void refuses_when_one_of_the_budgets_does_not_shorten() {
        always("a", 600);
        limit("output_tokens", 5_000);
        scene.outputMax = OptionalLong.of(900);

        assertThat(exhausted(scene.send()).budget()).isEqualTo("a");
    }

    @Test
    void asks_for_no_more_than_the_model_can_answer() {
        limit("output_tokens", 1_000);
        scene.outputMax = OptionalLong.of(1_000_000);

        scene.send();

        assertThat(scene.sent.getFirst().outputGranted()).isEmpty();
        scene.answer(used(7, 9));
    }

    // --- counting ---

    @Test
    void counts_the_input_only_where_its_bytes_do_not_fit() {
        limit("input_tokens", 300);
        scene.bodyBytes = 1_000;

        scene.send();

        // A token every ten bytes, twice that until we know better, a margin, and the overhead.
        assertThat(scene.counted).containsExactly(1_000);
        assertThat(scene.standing("b").held().inputTokens()).isEqualTo(205 + OVERHEAD);
        scene.answer(used(110, 9));
        assertThat(scene.standing("b").posted().inputTokens()).isEqualTo(110);
    }

    @Test
    void does_not_count_what_could_not_fit_anyway() {
        limit("output_tokens", 10);
        limit("a", "input_tokens", 10_000);

        exhausted(scene.send());

        assertThat(scene.counted).isEmpty();
    }

    @Test
    void refuses_when_the_counted_input_does_not_fit_either() {
        limit("input_tokens", 200);
        scene.bodyBytes = 1_000;

        var problem = exhausted(scene.send());

        assertThat(problem.measure()).isEqualTo("input_tokens");
        assertThat(problem.asked()).isEqualTo(205 + OVERHEAD);
        assertThat(scene.counted).hasSize(1);
    }

    @Test
    void counts_where_cost_is_what_is_short() {
        budget("b", Map.of("limits", Map.of("cost_usd", "0.001")));
        scene.bodyBytes = 1_000;
        scene.outputMax = OptionalLong.of(300);

        scene.send();

        assertThat(scene.standing("b").held().costNanoUsd())
                .isEqualTo(1000 * (205 + OVERHEAD) + 2000 * 300);
        scene.answer(used(110, 9));
    }

    @Test
    void learns_how_a_provider_counts() {
        limit("input_tokens", 1_000_000);
        scene.model = new Model("m", "e", 0, 1_000, 500, Optional.of(FilterScene.PRICE));
        scene.bodyBytes = 999_970;
        for (var call = 0; call < TokenRatio.SAMPLES_MIN; call++) {
            scene.send();
            scene.answer(used(109_997, 1), new Reply.Whole(new byte[0]));
            var spent = scene.standing("b").posted().inputTokens();
            budget("b", Map.of("limits", Map.of("input_tokens", spent + 999_990)));
        }

        scene.send();

        // 1.1 was seen, and 5 % are added.
        assertThat(scene.counted).hasSize(9);
        assertThat(scene.standing("b").held().inputTokens())
                .isEqualTo(Math.ceilDiv(99_997L * 1_151, 1000L) + OVERHEAD);
        scene.answer(used(1, 1));
    }

    // --- refusals ---

    @Test
    void refuses_a_model_without_a_price_under_a_cost_budget() {
        scene.model = Model.unlisted("m");
        budget("b", Map.of("limits", Map.of("cost_usd", "5.00")));

        assertThat(problem(scene.send())).isEqualTo(new Problem.Unpriced("m", "b"));
    }

    @Test
    void lets_a_model_without_a_price_pass_where_cost_only_alerts() {
        scene.model = Model.unlisted("m");
        budget(
                "b",
                Map.of(
                        "limits", Map.of("cost_usd", "5.00"),
                        "actions", List.of(Map.of("at", 1, "do", "alert"))));

        var reply = scene.send();
        scene.answer(used(7, 9));

        assertThat(scene.outcomes.getFirst().cost()).isEmpty();
        assertThat(header(reply, "x-tollgate-cost-usd")).isEmpty();
    }

    @Test
    void says_what_is_exhausted_and_when_it_resets() {
        limit("requests", 1);
        scene.send();
        scene.answer(used(7, 9));

        assertThat(exhausted(scene.send()))
                .isEqualTo(
                        new Problem.BudgetExhausted(
                                "b",
                                "",
                                "requests",
                                1,
                                1,
                                0,
                                1,
                                Instant.ofEpochSecond(24 * 86_400),
                                "reject",
                                Duration.ZERO));
    }

    @Test
    void says_to_retry_soon_when_only_holds_are_in_the_way() {
        limit("output_tokens", 1_000);
        scene.send();

        assertThat(exhausted(scene.send()).retryAfter()).isEqualTo(Duration.ofSeconds(1));
        scene.answer(used(7, 9));
    }

    @Test
    void does_not_say_to_wait_for_requests_in_flight_which_stay_counted() {
        limit("requests", 1);
        scene.send();

        assertThat(exhausted(scene.send()).retryAfter()).isEqualTo(Duration.ZERO);
        scene.answer(used(7, 9));
    }

    @Test
    void says_to_wait_for_a_window_that_ends_within_a_minute() {
        budget("b", Map.of("period", "minute", "limits", Map.of("requests", 1)));
        scene.send();
        scene.answer(used(7, 9));

        assertThat(exhausted(scene.send()).retryAfter())
                .isEqualTo(Duration.ofSeconds(60 - NOW / 1000 % 60));
    }

    @Test
    void does_not_say_to_wait_for_a_window_that_can_never_fit() {
        budget("b", Map.of("period", "minute", "limits", Map.of("requests", 0)));

        assertThat(exhausted(scene.send()).retryAfter()).isEqualTo(Duration.ZERO);
    }

    @Test
    void never_resets_without_a_period() {
        budget("b", Map.of("period", "total", "limits", Map.of("requests", 0)));

        assertThat(exhausted(scene.send()).resetsAt().getEpochSecond())
                .isEqualTo(Instant.MAX.getEpochSecond());
    }

    @Test
    void refuses_more_requests_in_flight_than_are_allowed() {
        budget("b", Map.of("concurrent_requests", 1));
        scene.send();

        var second = scene.send();
        scene.pass(2_000);

        assertThat(problem(second))
                .isEqualTo(new Problem.TooManyConcurrent("b", "", 1, Duration.ofSeconds(1)));
        scene.answer(used(7, 9));
    }

    @Test
    void follows_a_newer_configuration() {
        limit("requests", 5);
        scene.newerBudget(7, "new", Map.of("limits", Map.of("requests", 3)));

        scene.send();

        assertThat(scene.refreshes).isEqualTo(1);
        assertThat(scene.standing("new").held().requests()).isEqualTo(1);
        scene.answer(used(7, 9));
    }

    @Test
    void refuses_a_key_that_a_newer_configuration_revokes() {
        limit("requests", 5);
        scene.newerBudget(7, "new", Map.of("limits", Map.of("requests", 3)));
        scene.keyRevokedAt = Optional.of(Instant.EPOCH);

        var reply = scene.send();

        assertThat(problem(reply))
                .isEqualTo(new Problem.Unauthenticated(Problem.Unauthenticated.Reason.REVOKED));
        assertThat(scene.standing("new").held().requests()).isZero();
    }

    @Test
    void refuses_a_key_that_a_newer_configuration_does_not_have() {
        limit("requests", 5);
        scene.newerBudget(7, "new", Map.of("limits", Map.of("requests", 3)));
        scene.keyGone = true;

        assertThat(problem(scene.send()))
                .isEqualTo(new Problem.Unauthenticated(Problem.Unauthenticated.Reason.UNKNOWN));
    }

    @Test
    void gives_up_when_the_configuration_keeps_changing() {
        scene.books.configure(ORGANIZATION, 99);

        assertThat(problem(scene.send())).isInstanceOf(Problem.QuotaUnavailable.class);

        assertThat(scene.refreshes).isEqualTo(3);
    }

    @Test
    void sends_nothing_when_it_refuses() {
        limit("requests", 0);

        scene.send();

        assertThat(scene.sent).isEmpty();
        assertThat(scene.outcomes).isEmpty();
    }

    // --- settling ---

    @Test
    void settles_for_what_the_provider_says() {
        limit("output_tokens", 5_000);

        var reply = scene.send();
        scene.answer(used(70, 90));

        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 70, 90, 250_000));
        var outcome = reply.result().outcome().result();
        assertThat(outcome.cost()).contains(new Money(250_000));
        assertThat(outcome.source()).isEqualTo(UsageSource.PROVIDER);
        assertThat(outcome.overrun()).isFalse();
        assertThat(scene.books.rows(ORGANIZATION))
                .containsExactly("{\"charges\":1,\"source\":\"provider\"}");
    }

    @Test
    void prices_by_the_model_that_answered() {
        var dearer = new Price("v2", 3_000_000, 0, 0, 0, 4_000_000, 0);
        var other = new Model("other", "o200k_base", 10_000, 1_000, 500, Optional.of(dearer));
        scene.listed.put("other-2025-01-01", other);

        scene.send();
        scene.answer(answeredBy("other-2025-01-01", ""));

        assertThat(scene.outcomes.getFirst().cost()).contains(new Money(70 * 3_000 + 90 * 4_000));
        assertThat(scene.settled.getFirst().deployment().model()).isEqualTo(other);
    }

    @Test
    void prices_by_the_model_asked_for_when_the_answer_names_one_nobody_lists() {
        scene.send();
        scene.answer(answeredBy("unheard-of", ""));

        assertThat(scene.outcomes.getFirst().cost()).contains(new Money(250_000));
        assertThat(scene.settled.getFirst().deployment().model()).isEqualTo(scene.model);
    }

    @Test
    void prices_by_the_service_tier_that_answered() {
        var tiered =
                new Price(
                        "v1",
                        1_000_000,
                        0,
                        0,
                        0,
                        2_000_000,
                        0,
                        Optional.empty(),
                        Map.of("flex", 500));
        scene.model = new Model("m", "o200k_base", 10_000, 1_000, 500, Optional.of(tiered));

        scene.send();
        scene.answer(answeredBy("m", "flex"));

        assertThat(scene.outcomes.getFirst().cost()).contains(new Money(125_000));
    }

    @Test
    void tells_cost_and_what_is_left_with_a_whole_answer() {
        budget("b", Map.of("limits", Map.of("output_tokens", 5_000, "cost_usd", "5.00")));

        var reply = scene.send();
        scene.answer(used(70, 90));

        assertThat(header(reply, "x-tollgate-cost-usd")).contains("0.00025");
        assertThat(header(reply, "x-tollgate-budget-remaining"))
                .contains("budget=b, output_tokens=4910, usd=4.99975");
        assertThat(header(reply, "x-tollgate-clamped")).isEmpty();
    }

    @Test
    void says_nothing_of_budgets_where_there_are_none() {
        var reply = scene.send();
        scene.answer(used(70, 90));

        assertThat(header(reply, "x-tollgate-budget-remaining")).isEmpty();
        assertThat(header(reply, "x-tollgate-cost-usd")).contains("0.00025");
    }

    @Test
    void flags_an_overrun() {
        limit("output_tokens", 5_000);

        scene.send();
        scene.answer(used(70, 1_001));

        assertThat(scene.outcomes.getFirst().overrun()).isTrue();
        assertThat(scene.standing("b").posted().outputTokens()).isEqualTo(1_001);
    }

    @Test
    void estimates_what_the_provider_does_not_tell() {
        limit("output_tokens", 5_000);

        scene.send();
        scene.answer(untold(Completion.UPSTREAM_FAILED, "y".repeat(95)));

        assertThat(scene.outcomes.getFirst().source()).isEqualTo(UsageSource.ESTIMATED);
        assertThat(scene.outcomes.getFirst().usage()).isEqualTo(Usage.of(20, 10));
    }

    @Test
    void estimates_from_the_input_the_provider_told() {
        var told = new Usage(3, 50, 0, 0, 0, 0, 0, 0, 0);

        scene.send();
        scene.answer(
                new UsageReport(
                        Completion.CLIENT_LEFT,
                        Optional.empty(),
                        Optional.of(told),
                        true,
                        200,
                        "y",
                        "",
                        "",
                        "",
                        0,
                        0,
                        ""));

        assertThat(scene.outcomes.getFirst().usage())
                .isEqualTo(new Usage(3, 50, 0, 0, 1, 0, 0, 0, 0));
    }

    @Test
    void estimates_no_more_than_was_held() {
        scene.outputMax = OptionalLong.of(5);
        scene.send();

        scene.answer(untold(Completion.COMPLETE, "y".repeat(5_000)));

        assertThat(scene.outcomes.getFirst().usage().output()).isEqualTo(5);
    }

    @Test
    void estimates_without_a_tokenizer() {
        scene.countingFails = true;
        scene.send();

        scene.answer(untold(Completion.CLIENT_LEFT, "y".repeat(40)));

        assertThat(scene.outcomes.getFirst().usage()).isEqualTo(Usage.of(25, 10));
    }

    @Test
    void charges_nothing_for_a_provider_error_but_the_request() {
        limit("requests", 5);
        scene.send();

        scene.answer(report(Completion.UPSTREAM_ERROR, Optional.empty(), ""));

        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 0, 0, 0));
        assertThat(scene.outcomes.getFirst().cost()).contains(Money.ZERO);
        assertThat(scene.outcomes.getFirst().source()).isEqualTo(UsageSource.PROVIDER);
    }

    @Test
    void gives_the_request_back_when_the_provider_was_never_reached() {
        limit("requests", 5);
        var reply = scene.send();

        fail(Refusal.afterAttempt(unreachable(), UsageReport.notReached(5)));

        assertThat(scene.standing("b").posted()).isEqualTo(Amounts.NONE);
        assertThat(problem(reply)).isEqualTo(unreachable());
        assertThat(scene.books.rows(ORGANIZATION)).hasSize(1);
    }

    @Test
    void estimates_an_attempt_that_failed_after_it_reached_the_provider() {
        limit("requests", 5);
        var reply = scene.send();

        fail(Refusal.afterAttempt(unreachable(), untold(Completion.UPSTREAM_FAILED, "")));

        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 20, 0, 20_000));
        assertThat(problem(reply)).isEqualTo(unreachable());
    }

    @Test
    void gives_the_request_back_when_no_attempt_was_made() {
        limit("requests", 5);
        scene.send();

        fail(Refusal.of(unreachable()));

        assertThat(scene.standing("b").posted()).isEqualTo(Amounts.NONE);
    }

    @Test
    void ends_the_hold_when_what_is_inside_throws() {
        limit("requests", 5);
        var bug = new IllegalStateException("a bug");
        Filter.Next throwing =
                _ -> {
                    throw bug;
                };

        var reply = scene.filter.apply(scene.exchange(), throwing);

        assertThat(reply.cause()).isSameAs(bug);
        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 20, 0, 20_000));
    }

    // --- streams ---

    @Test
    void settles_a_stream_at_its_end() {
        limit("output_tokens", 5_000);
        var reply = scene.send();
        var end = scene.stream(new Stream());

        assertThat(reply.result().outcome().isComplete()).isFalse();
        assertThat(header(reply, "x-tollgate-budget-remaining"))
                .contains("budget=b, output_tokens=4000");
        assertThat(header(reply, "x-tollgate-cost-usd")).isEmpty();
        end.complete(Outcome.unsettled(used(70, 90)));

        assertThat(reply.result().outcome().result().cost()).contains(new Money(250_000));
        assertThat(scene.standing("b").posted().outputTokens()).isEqualTo(90);
    }

    @Test
    void posts_what_a_stream_has_brought_so_far() {
        limit("output_tokens", 5_000);
        var stream = new Stream();
        scene.send();
        var end = scene.stream(stream);

        scene.ticking.getFirst().run();
        assertThat(scene.standing("b").posted()).isEqualTo(Amounts.NONE);
        stream.outputTokens = 40;
        scene.ticking.getFirst().run();

        assertThat(scene.standing("b").posted()).isEqualTo(new Amounts(1, 0, 40, 80_000));
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(960);
        end.complete(Outcome.unsettled(used(70, 90)));
        assertThat(scene.standing("b").posted().outputTokens()).isEqualTo(90);
    }

    @Test
    void estimates_a_stream_whose_end_nobody_knows() {
        limit("output_tokens", 5_000);
        var reply = scene.send();

        scene.stream(new Stream()).fail("a bug");

        assertThat(reply.result().outcome().result().source()).isEqualTo(UsageSource.ESTIMATED);
        assertThat(scene.standing("b").posted().inputTokens()).isEqualTo(20);
    }

    // --- ways to say it ---

    private static final class Stream implements Reply.Streamed {

        private long outputTokens;

        @Override
        public long outputTokensSoFar() {
            return outputTokens;
        }
    }

    private static UsageReport answeredBy(String model, String tier) {
        return new UsageReport(
                Completion.COMPLETE,
                Optional.of(Usage.of(70, 90)),
                Optional.empty(),
                true,
                200,
                "",
                model,
                tier,
                "",
                1,
                2,
                "");
    }

    private void limit(String measure, long limit) {
        limit("b", measure, limit);
    }

    private void limit(String name, String measure, long limit) {
        budget(name, Map.of("limits", Map.of(measure, limit)));
    }

    private void always(String name, long outputTokens) {
        budget(
                name,
                Map.of(
                        "limits", Map.of("output_tokens", outputTokens),
                        "clamp", Map.of("when", "always")));
    }

    private void budget(String name, Map<String, Object> fields) {
        scene.budget(name, fields);
    }

    private void fail(Future<Reply> failure) {
        scene.upstream.getLast().fail(failure.cause());
    }

    private static Problem unreachable() {
        return new Problem.UpstreamUnreachable("p", "refused");
    }

    private static Problem problem(Future<Reply> reply) {
        assertThat(reply.failed()).isTrue();
        return ((Refusal) reply.cause()).problem();
    }

    private static Problem.BudgetExhausted exhausted(Future<Reply> reply) {
        return (Problem.BudgetExhausted) problem(reply);
    }

    private static Optional<String> header(Future<Reply> reply, String name) {
        return reply.result().headers().stream()
                .filter(header -> header.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
