package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetSetTest {

    private static final long NOON = Instant.parse("2026-11-20T12:00:00Z").toEpochMilli();
    private static final Facts FACTS =
            new Facts(
                    new Caller("local", "k1", "ci", "u1", "t1", "p1", Role.MEMBER, List.of()),
                    new Attribution("e1", "s1", Map.of("env", "prod", "job", "7")),
                    "claude-opus-4",
                    "claude-opus-4-20260101",
                    "anthropic");

    private final List<Budget> budgets = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "claude-opus-4, true",
        "claude-opus-4-20260101, true",
        "*-20260101, true",
        "claude-opus-4-20250101, false"
    })
    void patterns_fit_a_dated_name_and_the_model_it_begins_with(String pattern, boolean fits) {
        add("counts", Map.of("models", List.of(pattern)));
        add(
                "blocks",
                Map.of(
                        "models",
                        List.of("other"),
                        "actions",
                        List.of(Map.of("at", 1, "do", "block", "models", List.of(pattern)))));

        assertThat(charges()).hasSize(fits ? 2 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "team, t1, true",
        "team, t2, false",
        "project, p1, true",
        "project, p2, false",
        "user, u1, true",
        "user, u2, false",
        "end_user, e1, true",
        "end_user, e2, false",
        "session, s1, true",
        "session, s2, false",
        "key, k1, true",
        "key, ci, true",
        "key, k2, false",
        "provider, anthropic, true",
        "provider, openai, false",
    })
    void matches_by_every_part_of_a_scope(String part, String value, boolean expected) {
        add("b", Map.of("scope", Map.of(part, value)));

        assertThat(charges()).hasSize(expected ? 1 : 0);
    }

    @Test
    void matches_when_every_part_and_tag_does() {
        add("both", Map.of("scope", Map.of("team", "t1", "user", "u1")));
        add("one", Map.of("scope", Map.of("team", "t1", "user", "u2")));
        add("tagged", Map.of("scope", Map.of("tags", Map.of("env", "prod"))));
        add("other tag", Map.of("scope", Map.of("tags", Map.of("env", "prod", "job", "8"))));

        assertThat(charges()).extracting(BudgetCharge::budget).containsExactly("both", "tagged");
    }

    @Test
    void keeps_the_order_of_the_configuration() {
        add("1", Map.of("scope", Map.of("user", "u1")));
        add("2", Map.of());
        add("3", Map.of("scope", Map.of("key", "k1")));
        add("4", Map.of("scope", Map.of("team", "t1")));

        assertThat(charges()).extracting(BudgetCharge::budget).containsExactly("1", "2", "3", "4");
    }

    @Test
    void counts_only_the_models_it_is_for() {
        add("opus", Map.of("models", List.of("gpt-*", "*opus*")));
        add("gpt", Map.of("models", List.of("gpt-*")));

        assertThat(charges()).extracting(BudgetCharge::budget).containsExactly("opus");
    }

    @ParameterizedTest
    @CsvSource({
        "team, t1",
        "project, p1",
        "user, u1",
        "end_user, e1",
        "session, s1",
        "key, k1",
        "provider, anthropic",
        "model, claude-opus-4",
    })
    void splits_by_what_per_names(String per, String subject) {
        add("b", Map.of("per", per));

        assertThat(charges().getFirst().counter().subject()).isEqualTo(subject);
    }

    @Test
    void names_the_counter_by_budget_subject_and_window() {
        add("b", Map.of("per", "user"));

        var charge = charges().getFirst();

        assertThat(charge.counter())
                .isEqualTo(
                        new CounterKey(
                                budgets.getFirst().id(),
                                "u1",
                                Instant.parse("2026-11-20T00:00:00Z").getEpochSecond()));
        assertThat(charge.windowEnd())
                .isEqualTo(Instant.parse("2026-11-21T00:00:00Z").getEpochSecond());
    }

    @Test
    void moves_on_to_the_next_window_at_the_end_of_one() {
        add("b", Map.of());
        var set = new BudgetSet(1, budgets);
        var midnight = Instant.parse("2026-11-21T00:00:00Z").toEpochMilli();

        var before = set.chargesFor(FACTS, midnight - 1).getFirst().counter().windowStart();
        var after = set.chargesFor(FACTS, midnight).getFirst().counter().windowStart();
        var lateForBefore = set.chargesFor(FACTS, midnight - 1).getFirst();

        assertThat(after - before).isEqualTo(86_400);
        assertThat(lateForBefore.counter().windowStart()).isEqualTo(before);
    }

    @Test
    void rejects_at_the_limit_and_alerts_at_four_fifths_by_default() {
        add("b", Map.of());

        var charge = charges().getFirst();

        assertThat(charge.ceilings()).isEqualTo(charge.limits());
        assertThat(charge.alertsPerMille()).containsExactly(800);
        assertThat(charge.action()).isEqualTo("reject");
        assertThat(charge.counts()).isTrue();
    }

    @Test
    void has_no_ceiling_when_it_only_alerts() {
        add("b", Map.of("actions", List.of(Map.of("at", 0.5, "do", "alert"))));

        var charge = charges().getFirst();

        assertThat(charge.hard()).isFalse();
        assertThat(charge.limits().requests()).isEqualTo(101);
        assertThat(charge.action()).isEqualTo("alert");
    }

    @Test
    void rounds_the_ceiling_of_a_share_down() {
        add("b", Map.of("actions", List.of(Map.of("at", 0.5, "do", "reject"))));

        assertThat(charges().getFirst().ceilings().requests()).isEqualTo(50);
    }

    @Test
    void blocks_the_models_it_names_before_it_rejects_all() {
        add(
                "b",
                Map.of(
                        "actions",
                        List.of(block(0.8, "*opus*"), Map.of("at", 1.1, "do", "reject"))));

        var opus = charges().getFirst();
        var sonnet = chargesFor("claude-sonnet-4").getFirst();

        assertThat(opus.ceilings().requests()).isEqualTo(80);
        assertThat(opus.action()).isEqualTo("block");
        assertThat(sonnet.ceilings().requests()).isEqualTo(111);
        assertThat(sonnet.action()).isEqualTo("reject");
    }

    @Test
    void blocks_models_that_do_not_count() {
        add(
                "b",
                Map.of(
                        "models",
                        List.of("gpt-*"),
                        "concurrent_requests",
                        3,
                        "actions",
                        List.of(
                                Map.of("at", 0.5, "do", "reject"),
                                block(0.8, "*opus*"),
                                block(0.9, "*"))));

        var opus = charges().getFirst();
        var sonnet = chargesFor("claude-sonnet-4").getFirst();

        assertThat(opus.counts()).isFalse();
        assertThat(opus.ceilings().requests()).isEqualTo(80);
        assertThat(opus.concurrentMax()).isZero();
        assertThat(sonnet.ceilings().requests()).isEqualTo(90);
        assertThat(chargesFor("gpt-5").getFirst().ceilings().requests()).isEqualTo(50);
    }

    @Test
    void downgrades_a_model_at_the_first_threshold_that_is_about_it() {
        add(
                "b",
                Map.of(
                        "actions",
                        List.of(
                                downgrade(0.5, "claude-sonnet-4"),
                                downgrade(0.8, "anthropic/claude-haiku-4"),
                                Map.of("at", 1, "do", "reject"))));

        assertThat(charges().getFirst().action()).isEqualTo("downgrade");
        assertThat(charges().getFirst().ceilings().requests()).isEqualTo(50);
        assertThat(downgrade(FACTS)).contains("claude-sonnet-4");
    }

    @Test
    void leads_no_model_back_to_one_before_it() {
        add(
                "b",
                Map.of(
                        "actions",
                        List.of(
                                downgrade(0.5, "claude-sonnet-4"),
                                downgrade(0.8, "anthropic/claude-haiku-4"),
                                Map.of("at", 1, "do", "reject"))));

        var sonnet = chargesFor("claude-sonnet-4").getFirst();
        var haiku = chargesFor("claude-haiku-4").getFirst();

        assertThat(sonnet.ceilings().requests()).isEqualTo(80);
        assertThat(sonnet.action()).isEqualTo("downgrade");
        assertThat(downgrade(facts("claude-sonnet-4"))).contains("anthropic/claude-haiku-4");
        assertThat(haiku.ceilings().requests()).isEqualTo(101);
        assertThat(haiku.action()).isEqualTo("reject");
        assertThat(downgrade(facts("claude-haiku-4"))).isEmpty();
    }

    @Test
    void throttles_from_a_share_of_the_subjects_own_limits() {
        add(
                "b",
                Map.of(
                        "per",
                        "user",
                        "overrides",
                        List.of(override("u1", Map.of("requests", 10))),
                        "actions",
                        List.of(
                                Map.of("at", 0.5, "do", "throttle", "tokens_per_minute", 600),
                                Map.of("at", 0.8, "do", "throttle", "tokens_per_minute", 60))));

        var charge = charges().getFirst();

        assertThat(charge.throttles())
                .containsExactly(
                        new Throttle(charge.limits().share(500), 600),
                        new Throttle(charge.limits().share(800), 60));
        assertThat(charge.throttles().getFirst().from().requests()).isEqualTo(5);
        assertThat(charge.action()).isEqualTo("alert");
        assertThat(charge.hard()).isTrue();
    }

    @Test
    void paces_only_what_counts() {
        add(
                "b",
                Map.of(
                        "models",
                        List.of("gpt-*"),
                        "rates",
                        Map.of("requests", Map.of("per_minute", 6)),
                        "actions",
                        List.of(block(0.8, "*opus*"))));

        assertThat(charges().getFirst().rates()).isEmpty();
        assertThat(chargesFor("gpt-5").getFirst().rates())
                .containsExactly(new Rate(Measure.REQUESTS, 6, 6));
    }

    @Test
    void gives_a_subject_the_limits_set_for_it() {
        add(
                "b",
                Map.of("per", "user", "overrides", List.of(override("u1", Map.of("requests", 7)))));

        assertThat(charges().getFirst().limits().requests()).isEqualTo(7);
        assertThat(charges().getFirst().limits().outputTokens()).isEqualTo(1_000);
    }

    @Test
    void leaves_other_subjects_their_limits() {
        add(
                "b",
                Map.of("per", "user", "overrides", List.of(override("u2", Map.of("requests", 7)))));

        assertThat(charges().getFirst().limits().requests()).isEqualTo(101);
    }

    @Test
    void forgets_an_override_when_it_expires() {
        var override = new LinkedHashMap<>(override("u1", Map.of("requests", 7)));
        override.put("expires_at", "2026-11-20T12:00:00Z");
        add("b", Map.of("per", "user", "overrides", List.of(override)));
        var set = new BudgetSet(1, budgets);

        assertThat(set.chargesFor(FACTS, NOON - 1).getFirst().limits().requests()).isEqualTo(7);
        assertThat(set.chargesFor(FACTS, NOON).getFirst().limits().requests()).isEqualTo(101);
    }

    private static Map<String, Object> block(double at, String model) {
        return Map.of("at", at, "do", "block", "models", List.of(model));
    }

    private static Map<String, Object> downgrade(double at, String to) {
        return Map.of("at", at, "do", "downgrade", "to", to);
    }

    private Optional<String> downgrade(Facts facts) {
        return new BudgetSet(1, budgets).downgrade(budgets.getFirst().id(), facts);
    }

    private static Map<String, Object> override(String subject, Map<String, Object> limits) {
        return Map.of("subject", subject, "limits", limits);
    }

    /// A daily budget of 101 requests and 1,000 output tokens, but for what `fields` says.
    private void add(String name, Map<String, Object> fields) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("period", "day");
        tree.put("limits", Map.of("requests", 101, "output_tokens", 1_000));
        tree.putAll(fields);
        var read = (BudgetReader.Read) BudgetReader.read(tree);
        budgets.add(read.definition().named(new UUID(3, budgets.size()), name));
    }

    private List<BudgetCharge> charges() {
        return new BudgetSet(1, budgets).chargesFor(FACTS, NOON);
    }

    private List<BudgetCharge> chargesFor(String model) {
        return new BudgetSet(1, budgets).chargesFor(facts(model), NOON);
    }

    private static Facts facts(String model) {
        return new Facts(FACTS.caller(), FACTS.attribution(), model, model, FACTS.provider());
    }
}
