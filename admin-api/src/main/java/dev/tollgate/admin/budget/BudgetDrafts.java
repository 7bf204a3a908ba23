package dev.tollgate.admin.budget;

import dev.tollgate.admin.json.Fields;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.Fault;
import dev.tollgate.budget.Budget;
import dev.tollgate.budget.BudgetDefinition;
import dev.tollgate.budget.BudgetReader;
import dev.tollgate.budget.BudgetReader.Faulty;
import dev.tollgate.budget.BudgetReader.Read;
import dev.tollgate.budget.BudgetTree;
import dev.tollgate.schema.jooq.tables.records.BudgetsRecord;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads budgets: from bodies, from keys, from the file, and as they are stored.
public final class BudgetDrafts {

    static final String NAME_EXPECTED =
            "1 to 100 letters, digits, '.', '_', '~' or '-', beginning with a letter or a digit";

    // Names stand in response headers, so nothing in them may need quoting there.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._~-]{0,99}");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,40}(\\.[0-9]{1,40})?");
    private static final String ABSENT = "absent";
    private static final int OF_KEY_MAX = 50;

    // Members of an answer that a caller may send back; they change nothing.
    private static final Set<String> READ_ONLY =
            Set.of(
                    "id",
                    "organization",
                    "managed_by",
                    "revision",
                    "created_at",
                    "updated_at",
                    "warnings");

    private BudgetDrafts() {}

    /// The budget that `members` describe.
    ///
    /// @param name as the path of the request has it
    /// @param path of the budget in the document, for faults; empty for a document of its own
    /// @param faults where what is wrong is added; then the answer is empty
    public static Optional<BudgetDraft> read(
            String name,
            String path,
            Map<String, ? extends @Nullable Object> members,
            List<Fault> faults) {
        var before = faults.size();
        if (!NAME.matcher(name).matches()) {
            faults.add(new Fault(path.isEmpty() ? "name" : path, name, NAME_EXPECTED));
        }
        var body = new LinkedHashMap<String, @Nullable Object>(members);
        body.keySet().removeAll(READ_ONLY);
        var given = body.remove("name");
        if (given != null && !given.equals(name)) {
            faults.add(
                    new Fault(
                            path.isEmpty() ? "name" : path + ".name",
                            given,
                            name + ", as the path has it"));
        }
        return switch (BudgetReader.read(path, body)) {
            case Faulty(var found) -> {
                found.forEach(fault -> faults.add(fault(fault)));
                yield Optional.empty();
            }
            case Read(var definition) ->
                    faults.size() > before
                            ? Optional.empty()
                            : Optional.of(draft(name, definition));
        };
    }

    /// The `budgets` of a key to be made, which are about that key where they do not say otherwise.
    /// What is wrong is added to the faults of `fields`.
    public static List<BudgetDraft> ofKey(Fields fields, String keyId) {
        var drafts = new ArrayList<BudgetDraft>();
        var faults = new ArrayList<Fault>();
        var names = new HashSet<String>();
        for (var part : fields.objects("budgets", OF_KEY_MAX)) {
            var body = new LinkedHashMap<String, @Nullable Object>(part.members());
            if (body.get("scope") == null) {
                body.put("scope", Map.of("key", keyId));
            }
            var given = body.get("name");
            var name =
                    given instanceof String text
                            ? text
                            : "key-" + keyId + "-" + (drafts.size() + 1);
            if (given != null && !(given instanceof String)) {
                faults.add(new Fault(part.path() + ".name", given, NAME_EXPECTED));
                body.remove("name");
            }
            if (!names.add(name)) {
                faults.add(new Fault(part.path() + ".name", name, "a name not used before"));
            }
            read(name, part.path(), body, faults).ifPresent(drafts::add);
        }
        fields.refuseAll(faults);
        return drafts;
    }

    /// A stored budget.
    static Budget stored(BudgetsRecord row) {
        return definition(row).named(row.getId(), row.getName());
    }

    /// The fields that never change and would.
    public static List<Fault> immutableDifferences(BudgetsRecord row, BudgetDraft draft) {
        var now = definition(row);
        var stored = BudgetTree.of(now);
        return now.immutableDifferences(draft.definition()).stream()
                .map(field ->
                        new Fault(
                                field,
                                shown(draft.tree().get(field)),
                                shown(stored.get(field))
                                        + ", as it is: only a new budget can have another"))
                .toList();
    }

    static boolean same(BudgetsRecord row, BudgetDraft draft) {
        return definition(row).equals(draft.definition());
    }

    private static BudgetDefinition definition(BudgetsRecord row) {
        return switch (BudgetReader.read(BudgetStore.definition(row).members())) {
            case Read(var definition) -> definition;
            case Faulty(var faults) ->
                    throw new IllegalStateException(
                            "stored budget " + row.getName() + " cannot be read: " + faults);
        };
    }

    private static BudgetDraft draft(String name, BudgetDefinition definition) {
        return new BudgetDraft(name, definition, Tree.of(BudgetTree.of(definition)));
    }

    private static Fault fault(dev.tollgate.budget.Fault fault) {
        return new Fault(fault.path(), value(fault.value()), fault.expected());
    }

    /// Numbers and text as they were, for they come as they are shown in a sentence.
    private static @Nullable Object value(String shown) {
        if (shown.equals(ABSENT)) {
            return null;
        }
        if (NUMBER.matcher(shown).matches()) {
            return new BigDecimal(shown);
        }
        return shown.length() >= 2 && shown.startsWith("\"") && shown.endsWith("\"")
                ? shown.substring(1, shown.length() - 1)
                : shown;
    }

    private static String shown(@Nullable Object value) {
        return value == null ? "nothing" : value.toString();
    }
}
