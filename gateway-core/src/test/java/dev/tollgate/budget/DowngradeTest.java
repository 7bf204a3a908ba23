package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Model;
import dev.tollgate.path.Reply;
import dev.tollgate.price.Price;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DowngradeTest {

    /// A tenth of the price of the model asked for.
    private static final Price CHEAP =
            new Price("v1", 100_000, 100_000, 100_000, 100_000, 200_000, 0);

    private final FilterScene scene = new FilterScene();

    @BeforeEach
    void another_model() {
        scene.outputMax = OptionalLong.of(500);
        scene.targets.put("small", model("small", 1_000));
        scene.targets.put("smaller", model("smaller", 1_000));
    }

    @Test
    void another_model_answers_from_the_threshold_on() {
        scene.budget("b", limited(Map.of("output_tokens", 2_000), to(0.5, "small")));
        spend(600);

        scene.send();

        assertThat(scene.sent.getLast().deployment().model().name()).isEqualTo("small");
        assertThat(scene.sent.getLast().deployment().upstreamModel()).isEqualTo("small");
        assertThat(scene.sent.getLast().request().model()).isEqualTo("m");
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(500);
        scene.answer(FilterScene.used(10, 400));
        assertThat(scene.standing("b").posted().outputTokens()).isEqualTo(1_000);
    }

    @Test
    void the_other_model_is_held_and_settled_at_its_own_price() {
        scene.budget("b", limited(Map.of("cost_usd", "0.002"), to(0.5, "small")));

        scene.send();

        assertThat(scene.sent.getLast().deployment().model().name()).isEqualTo("small");
        assertThat(scene.standing("b").held().costNanoUsd()).isEqualTo(16_400 + 100_000);
        scene.answer(FilterScene.used(100, 500));
        assertThat(scene.standing("b").posted().costNanoUsd()).isEqualTo(110_000);
    }

    @Test
    void all_budgets_of_the_other_model_are_asked() {
        scene.budget("b", limited(Map.of("output_tokens", 900), to(0.5, "small")));
        scene.budget(
                "of small",
                Map.of("models", List.of("small"), "limits", Map.of("output_tokens", 499)));

        var problem = (Problem.BudgetExhausted) problem(scene.send());

        assertThat(problem.budget()).isEqualTo("of small");
        assertThat(scene.standing("b").held()).isEqualTo(Amounts.NONE);
    }

    @Test
    void the_other_model_is_rejected_at_the_limit() {
        scene.budget("b", limited(Map.of("output_tokens", 900), to(0.5, "small")));
        scene.send();

        var problem = (Problem.BudgetExhausted) problem(scene.send());

        assertThat(problem.action()).isEqualTo("reject");
        assertThat(problem.limit()).isEqualTo(900);
    }

    @Test
    void one_threshold_leads_to_the_next() {
        scene.budget(
                "b",
                limited(
                        Map.of("output_tokens", 10_000),
                        List.of(to(0.01, "small"), to(0.02, "smaller"))));

        scene.send();

        assertThat(scene.sent.getLast().deployment().model().name()).isEqualTo("smaller");
    }

    @Test
    void budgets_that_lead_to_each_other_come_to_an_end() {
        scene.budget(
                "b",
                Map.of(
                        "models",
                        List.of("m", "small"),
                        "limits",
                        Map.of("output_tokens", 100),
                        "actions",
                        List.of(to(0.5, "smaller"))));
        scene.budget(
                "c",
                Map.of(
                        "models",
                        List.of("smaller"),
                        "limits",
                        Map.of("output_tokens", 100),
                        "actions",
                        List.of(to(0.5, "small"))));

        var problem = (Problem.BudgetExhausted) problem(scene.send());

        assertThat(problem.action()).isEqualTo("downgrade");
        assertThat(scene.sent).isEmpty();
    }

    @Test
    void a_request_is_led_on_no_more_than_four_times() {
        for (var i = 0; i < 6; i++) {
            var name = i == 0 ? "m" : "m" + i;
            scene.targets.put("m" + (i + 1), model("m" + (i + 1), 1_000));
            scene.budget(
                    "b" + i,
                    Map.of(
                            "models",
                            List.of(name),
                            "limits",
                            Map.of("output_tokens", 100),
                            "actions",
                            List.of(to(0.5, "m" + (i + 1)))));
        }

        var problem = (Problem.BudgetExhausted) problem(scene.send());

        assertThat(problem.budget()).isEqualTo("b4");
    }

    @Test
    void a_model_that_nobody_serves_is_told() {
        scene.budget("b", limited(Map.of("output_tokens", 900), to(0.5, "gone")));

        assertThat(problem(scene.send()))
                .isEqualTo(new Problem.DowngradeImpossible("b", "m", "gone", "nobody has it"));
    }

    @Test
    void a_model_that_the_key_may_not_use_is_told() {
        scene.permitted = List.of("m");
        scene.budget("b", limited(Map.of("output_tokens", 900), to(0.5, "small")));

        assertThat(problem(scene.send()))
                .isEqualTo(
                        new Problem.DowngradeImpossible(
                                "b", "m", "small", "this key may not use it"));
    }

    @Test
    void a_limit_longer_than_the_other_models_answers_is_lowered() {
        scene.targets.put("small", model("small", 200));
        scene.budget("b", limited(Map.of("output_tokens", 900), to(0.5, "small")));

        scene.send();

        assertThat(scene.sent.getLast().outputGranted()).hasValue(200);
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(200);
    }

    @Test
    void the_other_model_is_asked_for_directly_without_a_detour() {
        scene.model = model("small", 1_000);
        scene.budget("b", limited(Map.of("output_tokens", 900), to(0.5, "small")));

        scene.send();

        assertThat(scene.sent.getLast().deployment().model().name()).isEqualTo("small");
        assertThat(scene.standing("b").held().outputTokens()).isEqualTo(500);
    }

    private void spend(long outputTokens) {
        scene.send();
        assertThat(scene.sent.getLast().deployment().model().name()).isEqualTo("m");
        scene.answer(FilterScene.used(10, outputTokens));
    }

    private static Model model(String name, long outputTokensMax) {
        return new Model(name, "o200k_base", 10_000, outputTokensMax, 500, Optional.of(CHEAP));
    }

    private static Map<String, Object> to(double at, String model) {
        return Map.of("at", at, "do", "downgrade", "to", model);
    }

    private static Map<String, Object> limited(
            Map<String, Object> limits, Map<String, Object> downgrade) {
        return limited(limits, List.of(downgrade));
    }

    private static Map<String, Object> limited(
            Map<String, Object> limits, List<Map<String, Object>> downgrades) {
        var actions = new ArrayList<>(downgrades);
        actions.add(Map.of("at", 1, "do", "reject"));
        return Map.of("limits", limits, "actions", actions);
    }

    private static Problem problem(Future<Reply> reply) {
        assertThat(reply.failed()).isTrue();
        return ((Refusal) reply.cause()).problem();
    }
}
