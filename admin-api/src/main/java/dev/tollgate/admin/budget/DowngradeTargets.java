package dev.tollgate.admin.budget;

import static dev.tollgate.schema.jooq.Tables.MODELS;
import static dev.tollgate.schema.jooq.Tables.PROVIDERS;

import dev.tollgate.admin.problem.AdminProblem.Invalid;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.admin.problem.Fault;
import dev.tollgate.budget.Budget.Action.Kind;
import dev.tollgate.catalogue.Catalogue;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.policy.Glob;
import dev.tollgate.schema.jooq.tables.records.ModelsRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jooq.DSLContext;

/// Checks that the models a budget leads to are served, and in the dialect of a model that counts:
/// a request is never translated.
public final class DowngradeTargets {

    private DowngradeTargets() {}

    /// @param prefix of the fields, as in `budgets[0].`; empty for a document of its own
    /// @throws AdminRefusal when something is wrong
    public static void check(DSLContext database, BudgetDraft draft, String prefix) {
        var faults = faults(database, draft, prefix);
        if (!faults.isEmpty()) {
            throw new AdminRefusal(new Invalid(faults));
        }
    }

    /// What is wrong; empty when nothing is.
    public static List<Fault> faults(DSLContext database, BudgetDraft draft, String prefix) {
        var actions = draft.definition().actions();
        var faults = new ArrayList<Fault>();
        if (actions.stream().noneMatch(action -> action.kind() == Kind.DOWNGRADE)) {
            return faults;
        }
        var models = database.selectFrom(MODELS).fetch();
        for (var place = 0; place < actions.size(); place++) {
            var action = actions.get(place);
            if (action.kind() == Kind.DOWNGRADE) {
                var field = prefix + "actions[" + place + "].to";
                check(database, models, draft, action.to(), field, faults);
            }
        }
        return faults;
    }

    private static void check(
            DSLContext database,
            List<ModelsRecord> models,
            BudgetDraft draft,
            String to,
            String field,
            List<Fault> faults) {
        var targets = listed(models, to);
        if (targets.isEmpty() && !namesProvider(database, to)) {
            faults.add(new Fault(field, to, "a model of the catalogue, or provider/model"));
            return;
        }
        var counting = counting(models, draft, targets);
        if (!targets.isEmpty()
                && !counting.isEmpty()
                && counting.stream()
                        .noneMatch(model ->
                                targets.stream().anyMatch(target -> speakAlike(model, target)))) {
            var dialects =
                    counting.stream()
                            .map(ModelsRecord::getDialect)
                            .distinct()
                            .sorted()
                            .collect(Collectors.joining(" or "));
            faults.add(new Fault(field, to, "a model of the " + dialects + " dialect"));
        }
    }

    private static List<ModelsRecord> listed(List<ModelsRecord> models, String name) {
        var found = models.stream().filter(model -> isNamed(model, name)).toList();
        var base = Catalogue.withoutState(name);
        return found.isEmpty() && !base.equals(name)
                ? models.stream().filter(model -> isNamed(model, base)).toList()
                : found;
    }

    private static boolean isNamed(ModelsRecord model, String name) {
        return name.equals(model.getName())
                || name.equals(model.getProvider() + "/" + model.getName());
    }

    /// A provider's models need not be listed.
    private static boolean namesProvider(DSLContext database, String name) {
        var slash = name.indexOf('/');
        return slash > 0
                && slash < name.length() - 1
                && database.fetchExists(PROVIDERS, PROVIDERS.NAME.eq(name.substring(0, slash)));
    }

    /// The listed models that can be led to the targets.
    private static List<ModelsRecord> counting(
            List<ModelsRecord> models, BudgetDraft draft, List<ModelsRecord> targets) {
        var patterns = Glob.all(draft.definition().models());
        return models.stream()
                .filter(model -> !targets.contains(model))
                .filter(model ->
                        Glob.anyMatches(patterns, model.getName())
                                || Glob.anyMatches(patterns, model.getUpstreamModel()))
                .toList();
    }

    /// The sandbox answers in every dialect.
    private static boolean speakAlike(ModelsRecord model, ModelsRecord target) {
        return model.getDialect().equals(target.getDialect())
                || model.getProvider().equals(Provider.SANDBOX)
                || target.getProvider().equals(Provider.SANDBOX);
    }
}
