package dev.tollgate.budget;

import dev.tollgate.budget.Budget.Action;
import dev.tollgate.budget.Budget.Action.Kind;
import dev.tollgate.budget.Budget.Clamp;
import dev.tollgate.budget.Budget.Per;
import dev.tollgate.budget.Budget.Period;
import dev.tollgate.budget.Budget.SubjectOverride;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a budget from the tree that JSON or YAML gives: maps, lists, text, numbers, booleans.
///
/// Strict: what it does not know, it refuses, and it tells everything that is wrong at once.
public final class BudgetReader {

    public static final int MODELS_MAX = 100;
    public static final int ACTIONS_MAX = 16;
    public static final int OVERRIDES_MAX = 10_000;
    public static final int TAGS_MAX = 16;
    public static final int TEXT_CHARACTERS_MAX = 256;

    /// Of requests and tokens.
    public static final long LIMIT_MAX = 1_000_000_000_000_000L;

    /// A billion dollars.
    public static final long COST_NANO_USD_MAX = 1_000_000_000L * 1_000_000_000L;

    /// What a rate may count.
    private static final List<Measure> PACED =
            List.of(
                    Measure.REQUESTS,
                    Measure.INPUT_TOKENS,
                    Measure.OUTPUT_TOKENS,
                    Measure.TOTAL_TOKENS);

    public static final int CONCURRENT_MAX = 1_000_000;

    /// Ten times the limit.
    public static final int AT_PER_MILLE_MAX = 10_000;

    private static final ZoneId UTC = ZoneId.of("UTC");

    private static final List<Per> PERS =
            List.of(
                    Per.TEAM,
                    Per.PROJECT,
                    Per.USER,
                    Per.END_USER,
                    Per.SESSION,
                    Per.KEY,
                    Per.PROVIDER,
                    Per.MODEL);

    /// What reading came to.
    public sealed interface Reading {}

    public record Read(BudgetDefinition definition) implements Reading {}

    /// Everything that is wrong; at least one fault.
    public record Faulty(List<Fault> faults) implements Reading {
        public Faulty {
            faults = List.copyOf(faults);
        }
    }

    private final List<Fault> faults = new ArrayList<>();

    private BudgetReader() {}

    public static Reading read(@Nullable Object tree) {
        return read("", tree);
    }

    /// @param path of the budget in the document it stands in, for the faults; empty for a document
    ///   of its own
    public static Reading read(String path, @Nullable Object tree) {
        var reader = new BudgetReader();
        var definition = reader.definition(Fields.of(path, tree, reader.faults));
        return reader.faults.isEmpty() ? new Read(definition) : new Faulty(reader.faults);
    }

    private BudgetDefinition definition(Fields fields) {
        var scope = scope(fields.object("scope"));
        var models = models(fields);
        var split = fields.has("per");
        var per = fields.oneOf("per", PERS).orElse(Per.NONE);
        var limited = fields.has("limits");
        var concurrency = fields.has("concurrent_requests");
        var periodGiven = fields.has("period");
        var period = fields.oneOf("period", List.of(Period.values())).orElse(Period.TOTAL);
        var zone = fields.zone("time_zone").orElse(UTC);
        var limits = limits(fields);
        var concurrent = (int) fields.whole("concurrent_requests", 1, CONCURRENT_MAX).orElse(0);
        var paced = fields.has("rates");
        var rates = rates(fields);
        var actions = actions(fields, limited, models);
        var overrides = overrides(fields, split);
        var clamp = clamp(fields.object("clamp"));
        var hold = fields.oneOf("hold", List.of(Hold.values())).orElse(Hold.WORST);
        fields.only("counts_from", "creation");
        if (!limited && !concurrency && !paced) {
            fields.fault("limits", null, "at least one limit, or concurrent_requests, or rates");
        }
        if (limited && !periodGiven) {
            fields.fault(
                    "period", null, "one of minute, hour, day, week, month, total with limits");
        }
        fields.end(
                "scope, models, per, period, time_zone, limits, concurrent_requests, rates,"
                        + " actions, overrides, hold, clamp, counts_from");
        return new BudgetDefinition(
                scope,
                models,
                per,
                period,
                zone,
                limits,
                concurrent,
                rates,
                actions,
                overrides,
                clamp,
                hold == Hold.ELASTIC);
    }

    private Scope scope(Fields fields) {
        var scope =
                new Scope(
                        name(fields, "team"),
                        name(fields, "project"),
                        name(fields, "user"),
                        name(fields, "end_user"),
                        name(fields, "session"),
                        name(fields, "key"),
                        name(fields, "provider"),
                        tags(fields));
        fields.end("team, project, user, end_user, session, key, provider, tags");
        return scope;
    }

    private static String name(Fields fields, String part) {
        return fields.text(part, TEXT_CHARACTERS_MAX).orElse("");
    }

    private Map<String, String> tags(Fields fields) {
        var tags = fields.object("tags");
        var names = tags.rest();
        var read = new HashMap<String, String>();
        if (names.size() > TAGS_MAX) {
            fields.faultOfSize("tags", names.size(), "at most " + TAGS_MAX + " tags");
            return read;
        }
        for (var name : names) {
            tags.text(name, TEXT_CHARACTERS_MAX).ifPresent(value -> read.put(name, value));
        }
        return read;
    }

    private static List<String> models(Fields fields) {
        if (!fields.has("models")) {
            return List.of("*");
        }
        if (fields.isEmptyList("models")) {
            fields.fault("models", List.of(), "at least one pattern, \"*\" for all models");
        }
        return fields.texts("models", MODELS_MAX, TEXT_CHARACTERS_MAX);
    }

    private static Limits limits(Fields parent) {
        var given = parent.has("limits");
        var fields = parent.object("limits");
        if (given && fields.isEmptyObject()) {
            parent.fault("limits", Map.of(), "at least one limit");
        }
        var limits =
                new Limits(
                        fields.whole("requests", 0, LIMIT_MAX).orElse(Limits.NONE_SET),
                        fields.whole("input_tokens", 0, LIMIT_MAX).orElse(Limits.NONE_SET),
                        fields.whole("output_tokens", 0, LIMIT_MAX).orElse(Limits.NONE_SET),
                        fields.whole("total_tokens", 0, LIMIT_MAX).orElse(Limits.NONE_SET),
                        cost(fields));
        fields.end("requests, input_tokens, output_tokens, total_tokens, cost_usd");
        return limits;
    }

    private static long cost(Fields fields) {
        return !fields.has("cost_usd")
                ? Limits.NONE_SET
                : fields.decimal(
                                "cost_usd",
                                true,
                                9,
                                0,
                                COST_NANO_USD_MAX,
                                "dollars from 0 to 1000000000 with at most 9 decimals, such as"
                                        + " \"5.00\"")
                        .orElse(Limits.NONE_SET);
    }

    private static List<Rate> rates(Fields parent) {
        var given = parent.has("rates");
        var fields = parent.object("rates");
        if (given && fields.isEmptyObject()) {
            parent.fault("rates", Map.of(), "at least one rate");
        }
        var rates = new ArrayList<Rate>();
        for (var measure : PACED) {
            if (fields.has(measure.label())) {
                rate(measure, fields.object(measure.label())).ifPresent(rates::add);
            }
        }
        fields.end("requests, input_tokens, output_tokens, total_tokens");
        return rates;
    }

    private static Optional<Rate> rate(Measure measure, Fields fields) {
        var given = fields.has("per_minute");
        var perMinute = fields.whole("per_minute", 1, Rate.AMOUNT_MAX);
        var burst = fields.whole("burst", 1, Rate.AMOUNT_MAX);
        if (!given) {
            fields.fault("per_minute", null, "a whole number from 1 to " + Rate.AMOUNT_MAX);
        }
        fields.end("per_minute, burst");
        return perMinute.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Rate(
                                measure,
                                perMinute.getAsLong(),
                                burst.orElse(perMinute.getAsLong())));
    }

    private List<Action> actions(Fields fields, boolean limited, List<String> models) {
        if (!fields.has("actions")) {
            return Action.DEFAULTS;
        }
        if (fields.isEmptyList("actions")) {
            fields.fault("actions", List.of(), "at least one action, or absent for the defaults");
        }
        var items = fields.list("actions", ACTIONS_MAX);
        var actions = new ArrayList<Action>();
        for (var i = 0; i < items.size(); i++) {
            var action = action(fields.item("actions", i, items.get(i)), limited, models);
            if (action != null && !actions.isEmpty()) {
                var before = actions.getLast().atPerMille();
                if (action.atPerMille() < before) {
                    fields.fault(
                            "actions[" + i + "].at",
                            BudgetTree.share(action.atPerMille()),
                            "at least " + BudgetTree.share(before) + ", as the action before");
                }
            }
            if (action != null) {
                actions.add(action);
            }
        }
        return actions;
    }

    private static @Nullable Action action(Fields fields, boolean limited, List<String> counting) {
        var at =
                fields.decimal(
                        "at",
                        false,
                        3,
                        1,
                        AT_PER_MILLE_MAX,
                        "a share of the limits above 0 and up to 10 with at most 3 decimals, such"
                                + " as 0.8");
        var given = fields.has("do");
        var kind = fields.oneOf("do", List.of(Kind.values()));
        if (!given) {
            fields.fault("do", null, "one of alert, throttle, block, downgrade, reject");
        }
        var models = blocked(fields, kind);
        var tokensPerMinute = tokensPerMinute(fields, kind);
        var to = target(fields, kind, counting);
        if (!limited && (is(kind, Kind.THROTTLE) || is(kind, Kind.DOWNGRADE))) {
            fields.fault(
                    "do",
                    Fields.label(kind.get()),
                    "limits in the budget too: at is a share of them");
        }
        fields.end("at, do, models, tokens_per_minute, to");
        return at.isPresent() && kind.isPresent()
                ? new Action((int) at.getAsLong(), kind.get(), models, tokensPerMinute, to)
                : null;
    }

    private static boolean is(Optional<Kind> kind, Kind wanted) {
        return kind.equals(Optional.of(wanted));
    }

    private static List<String> blocked(Fields fields, Optional<Kind> kind) {
        var given = fields.has("models");
        if (is(kind, Kind.BLOCK) && !given) {
            fields.fault("models", null, "the patterns of models to block");
        }
        if (fields.isEmptyList("models")) {
            fields.fault("models", List.of(), "at least one pattern");
        }
        var models = fields.texts("models", MODELS_MAX, TEXT_CHARACTERS_MAX);
        if (kind.isPresent() && !is(kind, Kind.BLOCK) && given) {
            fields.fault("models", models, "absent: only block names models");
        }
        return models;
    }

    private static long tokensPerMinute(Fields fields, Optional<Kind> kind) {
        var given = fields.has("tokens_per_minute");
        var tokens = fields.whole("tokens_per_minute", 1, Rate.AMOUNT_MAX);
        if (is(kind, Kind.THROTTLE) && !given) {
            fields.fault("tokens_per_minute", null, "a whole number from 1 to " + Rate.AMOUNT_MAX);
        }
        if (kind.isPresent() && !is(kind, Kind.THROTTLE) && tokens.isPresent()) {
            fields.fault(
                    "tokens_per_minute",
                    tokens.getAsLong(),
                    "absent: only throttle has tokens_per_minute");
        }
        return is(kind, Kind.THROTTLE) ? tokens.orElse(1) : 0;
    }

    /// The model that serves instead. Whether it is served at all is not known here.
    private static String target(Fields fields, Optional<Kind> kind, List<String> counting) {
        var given = fields.has("to");
        var to = fields.text("to", TEXT_CHARACTERS_MAX).orElse("");
        if (is(kind, Kind.DOWNGRADE) && !given) {
            fields.fault("to", null, "the name of the model that serves from then on");
        }
        if (kind.isPresent() && !is(kind, Kind.DOWNGRADE) && !to.isEmpty()) {
            fields.fault("to", to, "absent: only downgrade names another model");
        }
        if (!to.isEmpty() && counting.equals(List.of(to))) {
            fields.fault("to", to, "another model than the one that counts");
        }
        return is(kind, Kind.DOWNGRADE) ? to : "";
    }

    private List<SubjectOverride> overrides(Fields fields, boolean split) {
        var items = fields.list("overrides", OVERRIDES_MAX);
        if (!items.isEmpty() && !split) {
            fields.faultOfSize(
                    "overrides", items.size(), "absent: only a budget with per has them");
        }
        var overrides = new ArrayList<SubjectOverride>();
        var subjects = new HashSet<String>();
        for (var i = 0; i < items.size(); i++) {
            var item = fields.item("overrides", i, items.get(i));
            var given = item.has("subject");
            var subject = item.text("subject", TEXT_CHARACTERS_MAX);
            if (!given) {
                item.fault("subject", null, "the subject these limits are for");
            }
            if (subject.isPresent() && !subjects.add(subject.get())) {
                item.fault("subject", subject.get(), "a subject not named before");
            }
            var limitsGiven = item.has("limits");
            var limits = limits(item);
            if (!limitsGiven) {
                item.fault("limits", null, "at least one limit");
            }
            var expires = item.instant("expires_at");
            item.end("subject, limits, expires_at");
            overrides.add(new SubjectOverride(subject.orElse(""), limits, expires));
        }
        return overrides;
    }

    private static Clamp clamp(Fields fields) {
        var when = fields.oneOf("when", List.of(When.values())).orElse(When.UNSET);
        var least =
                fields.whole("min_output_tokens", 1, LIMIT_MAX)
                        .orElse(Clamp.DEFAULT.outputTokensMin());
        fields.end("when, min_output_tokens");
        return new Clamp(when == When.ALWAYS, least);
    }

    /// As the API writes [Budget#elastic].
    private enum Hold {
        WORST,
        ELASTIC
    }

    /// As the API writes [Clamp#always].
    private enum When {
        UNSET,
        ALWAYS
    }
}
