package dev.tollgate.budget;

import static dev.tollgate.budget.FilterScene.ORGANIZATION;
import static dev.tollgate.budget.FilterScene.PRICE;
import static dev.tollgate.budget.FilterScene.untold;
import static dev.tollgate.budget.FilterScene.used;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Model;
import dev.tollgate.path.Allowance;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.Completion;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is held of elastic budgets, from the beginning of an answer to its end. Where nothing is
/// learned yet, 100 tokens that we count are bound to be at most 221.
class ElasticHoldTest {

    private final FilterScene scene = new FilterScene();

    ElasticHoldTest() {
        scene.model = model("m", 10_000);
    }

    private static Model model(String name, long outputMax) {
        return new Model(name, "o200k_base", 100_000, outputMax, 500, Optional.of(PRICE));
    }

    @Test
    void begins_with_a_modest_hold() {
        elastic("b", 50_000);

        scene.send();

        assertThat(held("b")).isEqualTo(1_024);
        assertThat(scene.sent.getFirst().outputGranted()).isEmpty();
        assertThat(scene.sent.getFirst().fetchedAsStream()).isTrue();
        scene.answer(used(7, 9));
        assertThat(held("b")).isZero();
        assertThat(scene.standing("b").posted().outputTokens()).isEqualTo(9);
    }

    @Test
    void begins_with_no_more_than_the_answer_can_have() {
        elastic("b", 50_000);
        scene.outputMax = OptionalLong.of(300);

        scene.send();

        assertThat(held("b")).isEqualTo(300);
        assertThat(allowance().covers(1_000_000)).isTrue();
    }

    @Test
    void begins_where_the_worst_case_does_not_fit_and_tells_the_provider_what_may_come() {
        elastic("b", 700);
        scene.outputMax = OptionalLong.of(5_000);

        scene.send();

        assertThat(held("b")).isEqualTo(700);
        assertThat(scene.sent.getFirst().outputGranted()).hasValue(700);
    }

    @Test
    void begins_with_no_less_than_makes_sense() {
        elastic("b", 255);

        assertThat(refused(scene.send())).isTrue();
    }

    @Test
    void a_budget_that_is_not_elastic_holds_the_worst_case_beside_it() {
        elastic("b", 50_000);
        scene.budget("w", Map.of("limits", Map.of("output_tokens", 20_000)));

        scene.send();

        assertThat(held("b")).isEqualTo(1_024);
        assertThat(held("w")).isEqualTo(10_000);
        scene.answer(used(7, 9));
        assertThat(held("b")).isZero();
        assertThat(held("w")).isZero();
    }

    @Test
    void a_caller_who_set_a_limit_is_refused_by_a_budget_that_is_not_elastic() {
        elastic("b", 50_000);
        scene.budget("w", Map.of("limits", Map.of("output_tokens", 4_000)));
        scene.outputMax = OptionalLong.of(5_000);

        assertThat(refused(scene.send())).isTrue();
        assertThat(held("b")).isZero();
    }

    @Test
    void a_short_elastic_budget_does_not_refuse_what_another_has_room_for() {
        elastic("b", 3_000);
        scene.budget("w", Map.of("limits", Map.of("output_tokens", 20_000)));
        scene.outputMax = OptionalLong.of(5_000);

        scene.send();

        assertThat(held("b")).isEqualTo(1_024);
        assertThat(held("w")).isEqualTo(3_000);
        assertThat(scene.sent.getFirst().outputGranted()).hasValue(3_000);
    }

    @Test
    void is_extended_ahead_of_the_stream() {
        elastic("b", 50_000);
        scene.send();

        assertThat(allowance().covers(200)).isTrue();
        assertThat(held("b")).isEqualTo(1_024);

        assertThat(allowance().covers(300)).isTrue();
        assertThat(held("b")).isEqualTo(16 + 615 + 1_024 + 1_024 / 4);
    }

    @Test
    void covers_nothing_that_is_not_held() {
        elastic("b", 1_500);
        scene.send();
        scene.send();

        var first = scene.sent.getFirst().allowance().orElseThrow();
        assertThat(first.covers(480)).isTrue();
        assertThat(first.covers(600)).isFalse();
        assertThat(first.more(600).result()).isFalse();
        assertThat(held("b")).isEqualTo(1_500);

        scene.answer(used(7, 0));

        assertThat(first.more(600).result()).isTrue();
        assertThat(held("b")).isLessThanOrEqualTo(1_500);
    }

    @Test
    void is_not_extended_while_the_state_cannot_be_verified() {
        elastic("b", 50_000);
        scene.send();
        scene.books.failing = true;

        assertThat(allowance().covers(600)).isFalse();
        assertThat(allowance().more(600).result()).isFalse();

        scene.books.failing = false;
        assertThat(allowance().more(600).result()).isTrue();
    }

    @Test
    void what_broke_off_is_settled_within_what_was_covered() {
        elastic("b", 1_500);
        scene.send();

        scene.answer(untold(Completion.CUT, "x".repeat(100_000)));

        assertThat(scene.standing("b").posted().outputTokens()).isEqualTo(1_024);
        assertThat(scene.outcomes.getLast().overrun()).isFalse();
    }

    @Test
    void what_is_billed_beyond_what_was_covered_is_booked_and_held_in_full_from_then_on() {
        elastic("b", 50_000);
        scene.send();

        scene.answer(used(7, 2_000));

        assertThat(scene.standing("b").posted().outputTokens()).isEqualTo(2_000);
        assertThat(scene.outcomes.getLast().overrun()).isTrue();
        scene.send();
        assertThat(held("b")).isEqualTo(10_000);
        assertThat(scene.sent.getLast().allowance()).isEmpty();
    }

    @Test
    void learns_what_is_billed_for_what_it_counts() {
        elastic("b", 500_000);
        for (var call = 0; call < TokenRatio.SAMPLES_MIN; call++) {
            scene.send();
            scene.sent.getLast().allowance().orElseThrow().covers(400);
            scene.answer(used(7, 400));
        }

        scene.send();

        assertThat(scene.sent.getLast().allowance().orElseThrow().covers(900)).isTrue();
    }

    @Test
    void holds_the_worst_case_of_several_choices() {
        elastic("b", 50_000);
        scene.choices = 2;

        scene.send();

        assertThat(held("b")).isEqualTo(20_000);
        assertThat(scene.sent.getFirst().allowance()).isEmpty();
    }

    @Test
    void holds_the_worst_case_of_a_thinking_budget() {
        elastic("b", 50_000);
        scene.thinkingBudget = 2_000;

        scene.send();

        assertThat(held("b")).isEqualTo(10_000);
    }

    @ParameterizedTest
    @CsvSource({
        "o3, true",
        "o4-mini, true",
        "gpt-5.4-mini, true",
        "gpt-6-sol, true",
        "openai/gpt-5, true",
        "gpt-10, true",
        "gemini-2.5-flash, true",
        "grok-4-fast, true",
        "deepseek-reasoner, true",
        "gpt-4o, false",
        "gpt-4.1-mini, false",
        "claude-haiku-4-5, false",
        "llama-3.3-70b, false",
        "olmo-2, false"
    })
    void knows_who_hides_reasoning(String model, boolean hides) {
        assertThat(Elasticity.hidesReasoning(model)).isEqualTo(hides);
    }

    @Test
    void holds_the_worst_case_of_a_model_that_hides_reasoning() {
        elastic("b", 50_000);
        scene.model = model("o3", 10_000);

        scene.send();

        assertThat(held("b")).isEqualTo(10_000);
        assertThat(scene.books.inFlight(ORGANIZATION)).isEqualTo(1);
    }

    private void elastic(String name, long outputTokens) {
        var fields = new HashMap<String, Object>();
        fields.put("limits", Map.of("output_tokens", outputTokens));
        fields.put("hold", "elastic");
        scene.budget(name, fields);
    }

    private long held(String name) {
        return scene.standing(name).held().outputTokens();
    }

    private Allowance allowance() {
        return scene.sent.getLast().allowance().orElseThrow();
    }

    private static boolean refused(Future<Reply> answer) {
        return answer.cause() instanceof Refusal;
    }
}
