package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Budget.Action;
import dev.tollgate.budget.Budget.Action.Kind;
import dev.tollgate.budget.Budget.Clamp;
import dev.tollgate.budget.Budget.Per;
import dev.tollgate.budget.Budget.Period;
import dev.tollgate.budget.Budget.SubjectOverride;
import dev.tollgate.budget.BudgetReader.Faulty;
import dev.tollgate.budget.BudgetReader.Read;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BudgetReaderTest {

    private static final Map<String, Object> REQUESTS = Map.of("requests", 1);

    @Test
    void reads_every_field() {
        assertThat(read(everything()))
                .isEqualTo(
                        new BudgetDefinition(
                                new Scope(
                                        "growth",
                                        "p",
                                        "u",
                                        "e",
                                        "s",
                                        "k",
                                        "openai",
                                        Map.of("env", "prod")),
                                List.of("gpt-*"),
                                Per.USER,
                                Period.DAY,
                                ZoneId.of("Europe/Berlin"),
                                new Limits(100, 10_000, 2_000, 12_000, 5_000_000_000L),
                                4,
                                List.of(
                                        new Rate(Measure.REQUESTS, 60, 10),
                                        new Rate(Measure.TOTAL_TOKENS, 20_000, 20_000)),
                                List.of(
                                        Action.throttle(700, 5_000),
                                        new Action(800, Kind.ALERT, List.of()),
                                        Action.downgrade(900, "gpt-mini"),
                                        new Action(1000, Kind.BLOCK, List.of("*opus*")),
                                        new Action(1100, Kind.REJECT, List.of())),
                                List.of(
                                        new SubjectOverride(
                                                "u7",
                                                Scene.output(8_000),
                                                Optional.of(
                                                        Instant.parse("2027-01-01T00:00:00Z")))),
                                new Clamp(true, 64),
                                true));
    }

    @Test
    void takes_defaults_for_what_is_left_out() {
        assertThat(read(Map.of("period", "month", "limits", REQUESTS)))
                .isEqualTo(
                        new BudgetDefinition(
                                Scope.ORGANIZATION,
                                List.of("*"),
                                Per.NONE,
                                Period.MONTH,
                                ZoneId.of("UTC"),
                                Scene.requests(1),
                                0,
                                List.of(),
                                Action.DEFAULTS,
                                List.of(),
                                Clamp.DEFAULT,
                                false));
    }

    @Test
    void needs_no_period_for_concurrency_alone() {
        assertThat(read(Map.of("concurrent_requests", 4)).concurrentMax()).isEqualTo(4);
    }

    @Test
    void takes_null_for_absent() {
        var tree = new LinkedHashMap<String, @Nullable Object>(everything());
        tree.put("per", null);
        tree.put("overrides", null);

        assertThat(read(tree).per()).isEqualTo(Per.NONE);
    }

    @Test
    void reads_dollars_as_text_or_number() {
        assertThat(cost("5.00")).isEqualTo(5_000_000_000L);
        assertThat(cost(5)).isEqualTo(5_000_000_000L);
        assertThat(cost(0.1)).isEqualTo(100_000_000L);
        assertThat(cost(new BigDecimal("0.000000001"))).isEqualTo(1);
    }

    @Test
    void writes_what_it_reads() {
        var definition = read(everything());

        var tree = BudgetTree.of(definition);

        assertThat(read(tree)).isEqualTo(definition);
        assertThat(tree).containsEntry("limits", limitsOf(everything()));
        assertThat(BudgetTree.of(read(tree))).isEqualTo(tree);
    }

    @Test
    void writes_the_defaults_out() {
        var tree = BudgetTree.of(read(Map.of("concurrent_requests", 4)));

        assertThat(tree)
                .isEqualTo(
                        Map.of(
                                "scope",
                                Map.of(),
                                "models",
                                List.of("*"),
                                "period",
                                "total",
                                "time_zone",
                                "UTC",
                                "concurrent_requests",
                                4,
                                "actions",
                                List.of(
                                        Map.of("at", new BigDecimal("0.8"), "do", "alert"),
                                        Map.of("at", new BigDecimal("1"), "do", "reject")),
                                "hold",
                                "worst",
                                "clamp",
                                Map.of("when", "unset", "min_output_tokens", 256L),
                                "counts_from",
                                "creation"));
    }

    static List<Arguments> faulty() {
        return List.of(
                fault(
                        "limits",
                        Map.of("requests", -1),
                        "limits.requests: -1 (expected: a whole number from 0 to"
                                + " 1000000000000000)"),
                fault(
                        "limits",
                        Map.of("requests", 1.5),
                        "limits.requests: 1.5 (expected: a whole number from 0 to"
                                + " 1000000000000000)"),
                fault(
                        "limits",
                        Map.of("requests", "5"),
                        "limits.requests: \"5\" (expected: a whole number from 0 to"
                                + " 1000000000000000)"),
                fault(
                        "limits",
                        Map.of("requests", true),
                        "limits.requests: true (expected: a whole number from 0 to"
                                + " 1000000000000000)"),
                fault(
                        "limits",
                        Map.of("tokens", 1),
                        "limits.tokens: 1 (expected: no such field; known are requests,"
                                + " input_tokens, output_tokens, total_tokens, cost_usd)"),
                fault(
                        "limits",
                        Map.of("cost_usd", "5,00"),
                        "limits.cost_usd: \"5,00\" (expected: dollars from 0 to 1000000000 with at"
                                + " most 9 decimals, such as \"5.00\")"),
                fault(
                        "limits",
                        Map.of("cost_usd", "-1"),
                        "limits.cost_usd: \"-1\" (expected: dollars from 0 to 1000000000 with at"
                                + " most 9 decimals, such as \"5.00\")"),
                fault(
                        "limits",
                        Map.of("cost_usd", "1e999999999"),
                        "limits.cost_usd: \"1e999999999\" (expected: dollars from 0 to 1000000000"
                                + " with at most 9 decimals, such as \"5.00\")"),
                fault("limits", Map.of(), "limits: {} (expected: at least one limit)"),
                fault("limits", List.of(), "limits: [] (expected: an object)"),
                fault(
                        "period",
                        "fortnight",
                        "period: \"fortnight\" (expected: one of minute, hour, day, week, month,"
                                + " total)"),
                fault(
                        "period",
                        7,
                        "period: 7 (expected: one of minute, hour, day, week, month, total)"),
                fault(
                        "per",
                        "planet",
                        "per: \"planet\" (expected: one of team, project, user, end_user, session,"
                                + " key, provider, model)"),
                fault(
                        "time_zone",
                        "Berlin",
                        "time_zone: \"Berlin\" (expected: a time zone such as Europe/Berlin or"
                                + " UTC)"),
                fault(
                        "time_zone",
                        1,
                        "time_zone: 1 (expected: a time zone such as Europe/Berlin or UTC)"),
                fault(
                        "scope",
                        Map.of("planet", "x"),
                        "scope.planet: \"x\" (expected: no such field; known are team, project,"
                                + " user, end_user, session, key, provider, tags)"),
                fault(
                        "scope",
                        Map.of("team", ""),
                        "scope.team: \"\" (expected: text of 1 to 256 characters)"),
                fault(
                        "scope",
                        Map.of("tags", Map.of("a", 1)),
                        "scope.tags.a: 1 (expected: text of 1 to 256 characters)"),
                fault(
                        "models",
                        List.of(),
                        "models: [] (expected: at least one pattern, \"*\" for all models)"),
                fault("models", List.of(1), "models[0]: 1 (expected: text of 1 to 256 characters)"),
                fault("models", "*", "models: \"*\" (expected: a list of at most 100 items)"),
                fault(
                        "concurrent_requests",
                        0,
                        "concurrent_requests: 0 (expected: a whole number from 1 to 1000000)"),
                fault(
                        "limit",
                        1,
                        "limit: 1 (expected: no such field; known are scope, models, per, period,"
                            + " time_zone, limits, concurrent_requests, rates, actions, overrides,"
                            + " hold, clamp, counts_from)"),
                fault("rates", Map.of(), "rates: {} (expected: at least one rate)"),
                fault(
                        "rates",
                        Map.of("cost_usd", Map.of("per_minute", 1)),
                        "rates.cost_usd: {per_minute=1} (expected: no such field; known are"
                                + " requests, input_tokens, output_tokens, total_tokens)"),
                fault(
                        "rates",
                        Map.of("requests", Map.of("burst", 1)),
                        "rates.requests.per_minute: absent (expected: a whole number from 1 to"
                                + " 1000000000000)"),
                fault(
                        "rates",
                        Map.of("requests", Map.of("per_minute", 1, "burst", 0)),
                        "rates.requests.burst: 0 (expected: a whole number from 1 to"
                                + " 1000000000000)"),
                fault(
                        "rates",
                        Map.of("requests", Map.of("per_second", 1, "per_minute", 1)),
                        "rates.requests.per_second: 1 (expected: no such field; known are"
                                + " per_minute, burst)"),
                fault("hold", "rubber", "hold: \"rubber\" (expected: one of worst, elastic)"),
                fault(
                        "counts_from",
                        "window",
                        "counts_from: \"window\" (expected: creation, the only one supported)"),
                fault(
                        "clamp",
                        Map.of("when", "never"),
                        "clamp.when: \"never\" (expected: one of unset, always)"),
                fault(
                        "clamp",
                        Map.of("min_output_tokens", 0),
                        "clamp.min_output_tokens: 0 (expected: a whole number from 1 to"
                                + " 1000000000000000)"),
                fault(
                        "actions",
                        List.of(),
                        "actions: [] (expected: at least one action, or absent for the defaults)"),
                fault(
                        "actions",
                        List.of(Map.of("do", "reject")),
                        "actions[0].at: absent (expected: a share of the limits above 0 and up to"
                                + " 10 with at most 3 decimals, such as 0.8)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 0, "do", "reject")),
                        "actions[0].at: 0 (expected: a share of the limits above 0 and up to 10"
                                + " with at most 3 decimals, such as 0.8)"),
                fault(
                        "actions",
                        List.of(Map.of("at", "1", "do", "reject")),
                        "actions[0].at: \"1\" (expected: a share of the limits above 0 and up to 10"
                                + " with at most 3 decimals, such as 0.8)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 10.001, "do", "reject")),
                        "actions[0].at: 10.001 (expected: a share of the limits above 0 and up to"
                                + " 10 with at most 3 decimals, such as 0.8)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 1, "do", "slow")),
                        "actions[0].do: \"slow\" (expected: one of alert, throttle, block,"
                                + " downgrade, reject)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 1, "do", "throttle")),
                        "actions[0].tokens_per_minute: absent (expected: a whole number from 1 to"
                                + " 1000000000000)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 1, "do", "reject", "tokens_per_minute", 5)),
                        "actions[0].tokens_per_minute: 5 (expected: absent: only throttle has"
                                + " tokens_per_minute)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 1, "do", "downgrade")),
                        "actions[0].to: absent (expected: the name of the model that serves from"
                                + " then on)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 1, "do", "reject", "to", "m")),
                        "actions[0].to: \"m\" (expected: absent: only downgrade names another"
                                + " model)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 1)),
                        "actions[0].do: absent (expected: one of alert, throttle, block,"
                                + " downgrade, reject)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 1, "do", "block")),
                        "actions[0].models: absent (expected: the patterns of models to block)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 1, "do", "reject", "models", List.of("a"))),
                        "actions[0].models: [a] (expected: absent: only block names models)"),
                fault(
                        "actions",
                        List.of(Map.of("at", 1, "do", "alert"), Map.of("at", 0.9, "do", "reject")),
                        "actions[1].at: 0.9 (expected: at least 1, as the action before)"),
                fault(
                        "overrides",
                        List.of(Map.of("subject", "u", "limits", REQUESTS)),
                        "overrides: 1 items (expected: absent: only a budget with per has them)"));
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void names_what_is_wrong_with_a_field(String field, Object value, String fault) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("period", "day");
        tree.put("limits", REQUESTS);
        tree.put(field, value);

        assertThat(faults(tree)).containsExactly(fault);
    }

    @Test
    void needs_limits_for_a_throttle_or_a_downgrade() {
        var rates = Map.of("requests", Map.of("per_minute", 1));
        var throttle = Map.of("at", 0.5, "do", "throttle", "tokens_per_minute", 5);

        assertThat(faults(Map.of("rates", rates, "actions", List.of(throttle))))
                .containsExactly(
                        "actions[0].do: \"throttle\" (expected: limits in the budget too: at is a"
                                + " share of them)");
    }

    @Test
    void leads_no_model_to_itself() {
        var downgrade = Map.of("at", 0.5, "do", "downgrade", "to", "m");
        var tree =
                Map.of(
                        "period",
                        "day",
                        "limits",
                        REQUESTS,
                        "models",
                        List.of("m"),
                        "actions",
                        List.of(downgrade));

        assertThat(faults(tree))
                .containsExactly(
                        "actions[0].to: \"m\" (expected: another model than the one that"
                                + " counts)");
    }

    @Test
    void takes_a_minutes_worth_for_the_burst_nobody_set() {
        var rates = Map.of("requests", Map.of("per_minute", 60));

        assertThat(read(Map.of("rates", rates)).rates())
                .containsExactly(new Rate(Measure.REQUESTS, 60, 60));
    }

    @Test
    void names_what_is_wrong_with_overrides() {
        var tree = new LinkedHashMap<String, Object>(everything());
        tree.put(
                "overrides",
                List.of(
                        Map.of("subject", "u", "limits", REQUESTS, "expires_at", "soon"),
                        Map.of("subject", "u", "limits", Map.of()),
                        Map.of("limit", 1)));

        assertThat(faults(tree))
                .containsExactly(
                        "overrides[0].expires_at: \"soon\" (expected: a time such as"
                                + " 2026-01-31T00:00:00Z)",
                        "overrides[1].subject: \"u\" (expected: a subject not named before)",
                        "overrides[1].limits: {} (expected: at least one limit)",
                        "overrides[2].subject: absent (expected: the subject these limits are for)",
                        "overrides[2].limits: absent (expected: at least one limit)",
                        "overrides[2].limit: 1 (expected: no such field; known are subject, limits,"
                                + " expires_at)");
    }

    @Test
    void tells_all_faults_at_once() {
        var tree =
                Map.of(
                        "limits",
                        Map.of("requests", -1),
                        "per",
                        "planet",
                        "tokens",
                        1,
                        "actions",
                        List.of(Map.of("at", 1, "do", "explode")));

        assertThat(((Faulty) BudgetReader.read(tree)).faults())
                .extracting(Fault::path)
                .containsExactlyInAnyOrder(
                        "limits.requests", "per", "period", "tokens", "actions[0].do");
    }

    @Test
    void names_faults_by_their_place_in_a_larger_document() {
        var reading = BudgetReader.read("budgets.ci", Map.of("concurrent_requests", -1));

        assertThat(((Faulty) reading).faults().getFirst().path())
                .isEqualTo("budgets.ci.concurrent_requests");
    }

    @Test
    void refuses_what_is_no_object_or_limits_nothing() {
        assertThat(faults(Map.of()))
                .containsExactly(
                        "limits: absent (expected: at least one limit, or concurrent_requests,"
                                + " or rates)");
        assertThat(((Faulty) BudgetReader.read("text")).faults().getFirst())
                .hasToString("body: \"text\" (expected: an object)");
    }

    @Test
    void shortens_what_it_repeats() {
        assertThat(faults(Map.of("per", "x".repeat(500), "concurrent_requests", 1)).getFirst())
                .hasSizeLessThan(200);
    }

    @Test
    void lists_changed_fields_that_must_not_change() {
        var before = read(everything());
        var tree = new LinkedHashMap<String, Object>(everything());
        tree.put("scope", Map.of());
        tree.put("models", List.of("*"));
        tree.put("per", "team");
        tree.put("period", "hour");
        tree.put("time_zone", "UTC");

        assertThat(read(tree).immutableDifferences(before))
                .containsExactly("scope", "models", "per", "period", "time_zone");
    }

    @Test
    void lets_limits_and_actions_change() {
        var tree = new LinkedHashMap<String, Object>(everything());
        tree.put("limits", REQUESTS);
        tree.put("concurrent_requests", 9);
        tree.put("rates", Map.of("requests", Map.of("per_minute", 1)));
        tree.put("actions", List.of(Map.of("at", 2, "do", "reject")));
        tree.put("overrides", List.of());
        tree.put("clamp", Map.of());

        assertThat(read(tree).immutableDifferences(read(everything()))).isEmpty();
    }

    private static Arguments fault(String field, Object value, String message) {
        return Arguments.of(field, value, message);
    }

    private static Map<String, Object> everything() {
        var tree = new LinkedHashMap<String, Object>();
        tree.put(
                "scope",
                Map.of(
                        "team",
                        "growth",
                        "project",
                        "p",
                        "user",
                        "u",
                        "end_user",
                        "e",
                        "session",
                        "s",
                        "key",
                        "k",
                        "provider",
                        "openai",
                        "tags",
                        Map.of("env", "prod")));
        tree.put("models", List.of("gpt-*"));
        tree.put("per", "user");
        tree.put("period", "day");
        tree.put("time_zone", "Europe/Berlin");
        tree.put(
                "limits",
                Map.of(
                        "requests", 100L,
                        "input_tokens", 10_000L,
                        "output_tokens", 2_000L,
                        "total_tokens", 12_000L,
                        "cost_usd", "5.00"));
        tree.put("concurrent_requests", 4);
        tree.put(
                "rates",
                Map.of(
                        "requests", Map.of("per_minute", 60, "burst", 10),
                        "total_tokens", Map.of("per_minute", 20_000)));
        tree.put(
                "actions",
                List.of(
                        Map.of("at", 0.7, "do", "throttle", "tokens_per_minute", 5_000),
                        Map.of("at", 0.8, "do", "alert"),
                        Map.of("at", 0.9, "do", "downgrade", "to", "gpt-mini"),
                        Map.of("at", 1, "do", "block", "models", List.of("*opus*")),
                        Map.of("at", 1.1, "do", "reject")));
        tree.put(
                "overrides",
                List.of(
                        Map.of(
                                "subject", "u7",
                                "limits", Map.of("output_tokens", 8_000),
                                "expires_at", "2027-01-01T00:00:00Z")));
        tree.put("hold", "elastic");
        tree.put("clamp", Map.of("when", "always", "min_output_tokens", 64));
        tree.put("counts_from", "creation");
        return tree;
    }

    private static Object limitsOf(Map<String, Object> tree) {
        return java.util.Objects.requireNonNull(tree.get("limits"));
    }

    private static BudgetDefinition read(@Nullable Object tree) {
        return ((Read) BudgetReader.read(tree)).definition();
    }

    private static long cost(Object usd) {
        return read(Map.of("period", "day", "limits", Map.of("cost_usd", usd)))
                .limits()
                .costNanoUsd();
    }

    private static List<String> faults(Object tree) {
        return ((Faulty) BudgetReader.read(tree)).faults().stream().map(Fault::toString).toList();
    }
}
