package dev.tollgate.admin.desired;

import dev.tollgate.admin.budget.BudgetDrafts;
import dev.tollgate.admin.budget.BudgetStore;
import dev.tollgate.admin.budget.DowngradeTargets;
import dev.tollgate.admin.budget.ScopeWarnings;
import dev.tollgate.admin.change.AuditEntry;
import dev.tollgate.admin.change.Author;
import dev.tollgate.admin.change.Changes;
import dev.tollgate.admin.change.Changes.Outcome;
import dev.tollgate.admin.change.Manager;
import dev.tollgate.admin.desired.Plan.WantedBudget;
import dev.tollgate.admin.desired.Plan.WantedKey;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.key.KeyStore;
import dev.tollgate.admin.problem.Fault;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Pepper;
import dev.tollgate.schema.jooq.tables.records.KeysRecord;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/// Brings the organization `local` to what the file and the environment ask for, at the start of a
/// node: makes, changes and removes what they manage, in one transaction with its audit.
///
/// What the API manages is left alone, also where it has the name of something wanted: it was taken
/// over, and the notes say so. A ready-made budget whose time zone has moved is made anew, for it
/// is nobody's fault that the machine did.
public final class DesiredState {

    private final KeyStore keys;
    private final BudgetStore budgets;
    private final Changes changes;
    private final Pepper pepper;
    private final KeySecrets secrets;

    public DesiredState(
            KeyStore keys,
            BudgetStore budgets,
            Changes changes,
            Pepper pepper,
            KeySecrets secrets) {
        this.keys = keys;
        this.budgets = budgets;
        this.changes = changes;
        this.pepper = pepper;
        this.secrets = secrets;
    }

    /// What was done.
    ///
    /// @param changed resources made, changed or removed
    /// @param notes what was wanted and left alone, and what matches nothing, in words
    public record Applied(int changed, List<String> notes) {
        public Applied {
            notes = List.copyOf(notes);
        }
    }

    /// Blocks. A repeat changes nothing.
    ///
    /// @param zone of the ready-made budgets
    /// @throws DesiredStateException with every fault by path; then nothing was applied
    public Applied apply(Wanted wanted, ZoneId zone) {
        var plan = Plan.read(wanted, secrets, zone);
        return changes.applyOnce(
                Caller.LOCAL_ORGANIZATION,
                Author.start(),
                transaction -> new Application(transaction, plan).run());
    }

    /// One application, inside its transaction.
    private final class Application {
        private final DSLContext transaction;
        private final Plan plan;
        private final List<AuditEntry> audit = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private final List<Fault> faults = new ArrayList<>();

        Application(DSLContext transaction, Plan plan) {
            this.transaction = transaction;
            this.plan = plan;
        }

        /// Removals first, so that the names of what goes are free for what comes.
        Outcome<Applied> run() {
            removeBudgets();
            removeKeys();
            plan.keys().forEach(this::key);
            plan.budgets().forEach(this::budget);
            plan.budgets().forEach(this::warn);
            if (!faults.isEmpty()) {
                throw new DesiredStateException(faults);
            }
            return new Outcome<>(new Applied(audit.size(), notes), audit);
        }

        private void removeBudgets() {
            var names = new HashSet<String>();
            plan.budgets().forEach(wanted -> names.add(wanted.draft().name()));
            for (var manager : List.of(Manager.FILE, Manager.ENVIRONMENT)) {
                for (var row : budgets.managedBy(transaction, organization(), manager)) {
                    if (!names.contains(row.getName())) {
                        var before = BudgetStore.tree(row);
                        budgets.delete(row);
                        audit.add(
                                new AuditEntry(
                                        "delete", BudgetStore.KIND, row.getName(), before, null));
                    }
                }
            }
        }

        private void removeKeys() {
            Set<String> ids = new HashSet<>();
            plan.keys().forEach(wanted -> ids.add(wanted.key().id()));
            for (var row : keys.managedBy(transaction, organization(), Manager.FILE)) {
                if (!ids.contains(row.getKeyId())) {
                    var before = KeyStore.tree(row);
                    keys.revoke(row);
                    audit.add(entry("revoke", before, row));
                }
            }
        }

        private void budget(WantedBudget wanted) {
            var name = wanted.draft().name();
            faults.addAll(
                    DowngradeTargets.faults(transaction, wanted.draft(), wanted.path() + "."));
            var existing = budgets.find(transaction, organization(), name);
            if (existing.isEmpty()) {
                create(wanted);
                return;
            }
            var row = existing.get();
            if (row.getManagedBy().equals(Manager.API.label())) {
                notes.add(wanted.path() + ": budget " + name + " was taken over by the API");
                return;
            }
            var immutable = BudgetDrafts.immutableDifferences(row, wanted.draft());
            if (immutable.isEmpty()) {
                audit.addAll(budgets.change(row, wanted.draft(), wanted.manager()));
            } else if (wanted.manager() == Manager.ENVIRONMENT) {
                var before = BudgetStore.tree(row);
                budgets.delete(row);
                audit.add(new AuditEntry("delete", BudgetStore.KIND, name, before, null));
                create(wanted);
            } else {
                immutable.forEach(fault ->
                        faults.add(
                                new Fault(
                                        wanted.path() + "." + fault.field(),
                                        fault.value(),
                                        fault.expected())));
            }
        }

        private void warn(WantedBudget wanted) {
            ScopeWarnings.of(transaction, organization(), wanted.draft().definition())
                    .forEach(warning ->
                            notes.add(
                                    "%s.%s: %s: %s"
                                            .formatted(
                                                    wanted.path(),
                                                    warning.get("field"),
                                                    warning.get("value"),
                                                    warning.get("detail"))));
        }

        private void create(WantedBudget wanted) {
            var row = budgets.insert(transaction, organization(), wanted.draft(), wanted.manager());
            audit.add(
                    new AuditEntry(
                            "create",
                            BudgetStore.KIND,
                            row.getName(),
                            null,
                            BudgetStore.tree(row)));
        }

        private void key(WantedKey wanted) {
            var existing = keys.find(transaction, organization(), wanted.key().id());
            var nameTaken =
                    keys.nameTaken(transaction, organization(), wanted.draft().name())
                            && existing.map(row -> !row.getName().equals(wanted.draft().name()))
                                    .orElse(true);
            if (existing.isPresent() && existing.get().getManagedBy().equals(Manager.API.label())) {
                notes.add(
                        wanted.path()
                                + ": key "
                                + wanted.key().id()
                                + " was taken over by the API");
            } else if (nameTaken) {
                faults.add(
                        new Fault(
                                wanted.path() + ".name",
                                wanted.draft().name(),
                                "a name that no other key has"));
            } else if (existing.isEmpty()) {
                var row =
                        keys.insert(
                                transaction,
                                organization(),
                                wanted.key().id(),
                                pepper.hmac(wanted.key().secret()),
                                wanted.draft(),
                                Manager.FILE);
                audit.add(
                        new AuditEntry(
                                "create", KeyStore.KIND, row.getKeyId(), null, KeyStore.tree(row)));
            } else {
                change(wanted, existing.get());
            }
        }

        private void change(WantedKey wanted, KeysRecord row) {
            var before = KeyStore.tree(row);
            var hmacBefore = row.getSecretHmac();
            identity(wanted, "user", row.getUserName(), wanted.draft().user().orElse(null));
            identity(wanted, "team", row.getTeam(), wanted.draft().team().orElse(null));
            identity(wanted, "project", row.getProject(), wanted.draft().project().orElse(null));
            KeyStore.apply(row, wanted.draft());
            row.setSecretHmac(pepper.hmac(wanted.key().secret()));
            row.setRevokedAt(null);
            var same =
                    before.members().equals(KeyStore.tree(row).members())
                            && Arrays.equals(hmacBefore, row.getSecretHmac());
            if (!same) {
                keys.update(row);
                audit.add(entry("change", before, row));
            }
        }

        private void identity(
                WantedKey wanted, String field, @Nullable String now, @Nullable String given) {
            if (!Objects.equals(now, given)) {
                faults.add(
                        new Fault(
                                wanted.path() + "." + field,
                                given,
                                (now == null ? "nothing" : now)
                                        + ", as it is: only a new key can have another"));
            }
        }

        private static AuditEntry entry(String action, Tree before, KeysRecord row) {
            return new AuditEntry(
                    action, KeyStore.KIND, row.getKeyId(), before, KeyStore.tree(row));
        }

        private static String organization() {
            return Caller.LOCAL_ORGANIZATION;
        }
    }
}
