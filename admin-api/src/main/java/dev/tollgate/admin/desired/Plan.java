package dev.tollgate.admin.desired;

import dev.tollgate.admin.budget.BudgetDraft;
import dev.tollgate.admin.budget.BudgetDrafts;
import dev.tollgate.admin.change.Manager;
import dev.tollgate.admin.json.Fields;
import dev.tollgate.admin.key.KeyDraft;
import dev.tollgate.admin.key.KeyReader;
import dev.tollgate.admin.problem.Fault;
import dev.tollgate.caller.KeyFormat;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the settings ask for, read: every budget and key with the path at which it is written.
record Plan(List<WantedBudget> budgets, List<WantedKey> keys) {

    static final String DAILY_TOKENS = "daily-tokens-per-user";
    static final String DAILY_USD = "daily-usd";

    record WantedBudget(String path, Manager manager, BudgetDraft draft) {}

    record WantedKey(String path, KeyFormat.Key key, KeyDraft draft) {}

    /// @param zone of the ready-made budgets
    /// @throws DesiredStateException with everything that is wrong
    static Plan read(Wanted wanted, KeySecrets secrets, ZoneId zone) {
        var reader = new Reader(secrets);
        for (var index = 0; index < wanted.budgets().size(); index++) {
            reader.budget("budgets[" + index + "]", wanted.budgets().get(index));
        }
        for (var index = 0; index < wanted.keys().size(); index++) {
            reader.key("keys[" + index + "]", wanted.keys().get(index));
        }
        if (wanted.dailyTokensPerUser() > 0) {
            reader.readyMade(
                    "daily_tokens_per_user",
                    DAILY_TOKENS,
                    Map.of(
                            "per",
                            "end_user",
                            "period",
                            "day",
                            "time_zone",
                            zone.getId(),
                            "limits",
                            Map.of("total_tokens", wanted.dailyTokensPerUser())));
        }
        if (!wanted.dailyUsd().isEmpty()) {
            reader.readyMade(
                    "daily_usd",
                    DAILY_USD,
                    Map.of(
                            "period", "day",
                            "time_zone", zone.getId(),
                            "limits", Map.of("cost_usd", wanted.dailyUsd())));
        }
        if (!reader.faults.isEmpty()) {
            throw new DesiredStateException(reader.faults);
        }
        return new Plan(reader.budgets, reader.keys);
    }

    private static final class Reader {
        private final KeySecrets secrets;
        private final List<WantedBudget> budgets = new ArrayList<>();
        private final List<WantedKey> keys = new ArrayList<>();
        private final List<Fault> faults = new ArrayList<>();
        private final Set<String> budgetNames = new HashSet<>();
        private final Set<String> keyNames = new HashSet<>();
        private final Set<String> keyIds = new HashSet<>();

        Reader(KeySecrets secrets) {
            this.secrets = secrets;
        }

        void budget(String path, Map<String, @Nullable Object> tree) {
            if (!(tree.get("name") instanceof String name)) {
                faults.add(new Fault(path + ".name", tree.get("name"), "the name of the budget"));
                return;
            }
            BudgetDrafts.read(name, path, tree, faults)
                    .ifPresent(draft -> add(path, Manager.FILE, draft));
        }

        void readyMade(String path, String name, Map<String, Object> tree) {
            BudgetDrafts.read(name, path, tree, faults)
                    .ifPresent(draft -> add(path, Manager.ENVIRONMENT, draft));
        }

        private void add(String path, Manager manager, BudgetDraft draft) {
            if (budgetNames.add(draft.name())) {
                budgets.add(new WantedBudget(path, manager, draft));
            } else {
                faults.add(
                        new Fault(
                                manager == Manager.FILE ? path + ".name" : path,
                                draft.name(),
                                "a name that no other budget has"));
            }
        }

        void key(String path, Map<String, @Nullable Object> tree) {
            var fields = Fields.in(path, tree, faults);
            if (fields.has("expires_in")) {
                fields.refuse(
                        "expires_in",
                        tree.get("expires_in"),
                        "absent: it would move with each start; expires_at does not");
            }
            // A key whose time has passed is still a key of the file.
            var draft =
                    KeyReader.read(
                            Fields.in(path, without(tree, "expires_in"), faults), Instant.EPOCH);
            var read = secrets.read(fields);
            for (var name : List.of("name", "user", "team", "project", "models", "expires_at")) {
                fields.has(name);
            }
            var drafts = BudgetDrafts.ofKey(fields, read.map(KeyFormat.Key::id).orElse("id"));
            fields.checkKnown();
            if (!keyNames.add(draft.name())) {
                fields.refuse("name", draft.name(), "a name that no other key has");
            }
            if (read.isPresent() && !keyIds.add(read.get().id())) {
                fields.refuse("name", draft.name(), "a secret that no other key has");
            }
            read.ifPresent(key -> keys.add(new WantedKey(path, key, draft)));
            drafts.forEach(budget -> add(path + ".budgets", Manager.FILE, budget));
        }

        private static Map<String, @Nullable Object> without(
                Map<String, @Nullable Object> tree, String name) {
            var rest = new LinkedHashMap<String, @Nullable Object>(tree);
            rest.remove(name);
            return rest;
        }
    }
}
