package dev.tollgate.admin.key;

import dev.tollgate.admin.budget.BudgetDraft;
import dev.tollgate.admin.budget.BudgetDrafts;
import dev.tollgate.admin.budget.BudgetStore;
import dev.tollgate.admin.budget.DowngradeTargets;
import dev.tollgate.admin.change.AuditEntry;
import dev.tollgate.admin.change.Author;
import dev.tollgate.admin.change.Changes;
import dev.tollgate.admin.change.Changes.Outcome;
import dev.tollgate.admin.change.IdempotentAnswers;
import dev.tollgate.admin.change.Management;
import dev.tollgate.admin.change.Manager;
import dev.tollgate.admin.change.Organizations;
import dev.tollgate.admin.http.Answer;
import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.http.Cursor;
import dev.tollgate.admin.http.Operation;
import dev.tollgate.admin.http.Page;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminProblem.Immutable;
import dev.tollgate.admin.problem.AdminProblem.Revoked;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.caller.KeyFormat;
import dev.tollgate.caller.Pepper;
import dev.tollgate.caller.Secret;
import dev.tollgate.schema.jooq.tables.records.KeysRecord;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jooq.DSLContext;

/// Making, reading, changing and revoking keys.
public final class KeyRoutes {

    private static final String LIST = "keys";
    private static final int LIMIT = 100;
    private static final int LIMIT_MAX = 1000;

    private final DSLContext database;
    private final KeyStore keys;
    private final BudgetStore budgets;
    private final Rules rules;

    /// What keys are made and changed by.
    ///
    /// @param random cryptographically strong
    public record Rules(
            Changes changes,
            IdempotentAnswers answers,
            Management management,
            Pepper pepper,
            RandomGenerator random,
            Clock clock) {}

    public KeyRoutes(DSLContext database, KeyStore keys, BudgetStore budgets, Rules rules) {
        this.database = database;
        this.keys = keys;
        this.budgets = budgets;
        this.rules = rules;
    }

    public Map<String, Operation> operations() {
        return Map.of(
                "listKeys", this::list,
                "createKey", this::create,
                "getKey", this::get,
                "changeKey", this::change,
                "revokeKey", this::revoke);
    }

    private Operation.Work list(Call call) {
        var query = call.parameters();
        var limit = query.limit(LIMIT, LIMIT_MAX);
        var cursor = query.cursor(LIST, 1);
        var revoked = query.flag("revoked");
        query.end();
        return () -> {
            Organizations.checkExists(database, call.organization());
            var after = cursor.map(last -> last.part(0));
            var rows = keys.list(database, call.organization(), revoked, after, limit + 1);
            var page = Page.of(rows, limit, row -> new Cursor(LIST, List.of(row.getKeyId())));
            return Answer.json(
                    200, page.tree(items -> items.stream().map(KeyStore::tree).toList()));
        };
    }

    private Operation.Work get(Call call) {
        call.parameters().end();
        return () -> {
            Organizations.checkExists(database, call.organization());
            return answer(200, keys.get(database, call.organization(), call.parameter("key")));
        };
    }

    private Operation.Work create(Call call) {
        call.parameters().end();
        var secret = KeyFormat.mint(rules.random);
        var key = parsed(secret);
        var fields = call.fields();
        var draft = KeyReader.read(fields, rules.clock.instant());
        var drafts = BudgetDrafts.ofKey(fields, key.id());
        fields.end();
        return () ->
                created(
                        call,
                        rules.changes.applyOnce(
                                call.organization(),
                                Author.of(call),
                                transaction -> create(transaction, call, secret, draft, drafts)));
    }

    private record Created(Tree body, boolean replayed) {}

    private Outcome<Created> create(
            DSLContext transaction,
            Call call,
            Secret secret,
            KeyDraft draft,
            List<BudgetDraft> drafts) {
        var before = rules.answers.find(transaction, call);
        if (before.isPresent()) {
            return Outcome.unchanged(new Created(before.get(), true));
        }
        var organization = call.organization();
        var key = parsed(secret);
        var row =
                keys.insert(
                        transaction,
                        organization,
                        key.id(),
                        rules.pepper.hmac(key.secret()),
                        draft,
                        Manager.API);
        var audit = new ArrayList<AuditEntry>();
        audit.add(new AuditEntry("create", KeyStore.KIND, key.id(), null, KeyStore.tree(row)));
        var made = new ArrayList<Tree>();
        for (var budget : drafts) {
            DowngradeTargets.check(transaction, budget, "budgets[" + made.size() + "].");
            var tree =
                    BudgetStore.tree(
                            budgets.insert(transaction, organization, budget, Manager.API));
            audit.add(new AuditEntry("create", BudgetStore.KIND, budget.name(), null, tree));
            made.add(tree);
        }
        var body =
                Tree.object()
                        .with("id", key.id())
                        .with("secret", secret.reveal())
                        .withAll(KeyStore.tree(row))
                        .with("budgets", made.stream().map(Tree::members).toList());
        rules.answers.keep(transaction, call, 201, body);
        return new Outcome<>(new Created(body, false), audit);
    }

    private static Answer created(Call call, Created created) {
        var body = created.body;
        var answer =
                Answer.json(201, body)
                        .with("location", call.path() + "/" + body.get("id"))
                        .withRevision(1);
        return created.replayed ? answer.with("idempotency-replayed", "true") : answer;
    }

    private Operation.Work change(Call call) {
        var query = call.parameters();
        var takeOver = query.flag("take_over");
        query.end();
        var change = KeyChange.read(call, rules.clock);
        return () ->
                answer(
                        200,
                        rules.changes.apply(
                                call.organization(),
                                Author.of(call),
                                transaction -> change(transaction, call, change, takeOver)));
    }

    private Outcome<KeysRecord> change(
            DSLContext transaction, Call call, KeyChange change, boolean takeOver) {
        var row = editable(transaction, call, takeOver);
        if (row.getRevokedAt() != null) {
            throw new AdminRefusal(new Revoked(row.getKeyId()));
        }
        var immutable = change.immutable(row);
        if (!immutable.isEmpty()) {
            throw new AdminRefusal(new Immutable(KeyStore.KIND, row.getKeyId(), immutable));
        }
        var before = KeyStore.tree(row);
        if (change.name().isPresent() && !change.name().get().equals(row.getName())) {
            keys.checkName(transaction, row.getOrganization(), change.name().get());
        }
        change.name().ifPresent(row::setName);
        change.models().ifPresent(models -> row.setModels(models.toArray(String[]::new)));
        if (change.expirySet()) {
            row.setExpiresAt(change.expiresAt().map(Timestamps::stored).orElse(null));
        }
        row.setManagedBy(Manager.API.label());
        if (Objects.equals(before.members(), KeyStore.tree(row).members())) {
            return Outcome.unchanged(row);
        }
        keys.update(row);
        return Outcome.changed(
                row,
                new AuditEntry(
                        "change", KeyStore.KIND, row.getKeyId(), before, KeyStore.tree(row)));
    }

    private Operation.Work revoke(Call call) {
        var query = call.parameters();
        var takeOver = query.flag("take_over");
        query.end();
        return () -> {
            rules.changes.apply(
                    call.organization(),
                    Author.of(call),
                    transaction -> revoke(transaction, call, takeOver));
            return Answer.noContent();
        };
    }

    private Outcome<KeysRecord> revoke(DSLContext transaction, Call call, boolean takeOver) {
        var row = keys.get(transaction, call.organization(), call.parameter("key"));
        if (row.getRevokedAt() != null) {
            return Outcome.unchanged(row);
        }
        checkEditable(call, row, takeOver);
        var before = KeyStore.tree(row);
        // Taken over, so that the file does not bring it back.
        row.setManagedBy(Manager.API.label());
        keys.revoke(row);
        return Outcome.changed(
                row,
                new AuditEntry(
                        "revoke", KeyStore.KIND, row.getKeyId(), before, KeyStore.tree(row)));
    }

    private KeysRecord editable(DSLContext transaction, Call call, boolean takeOver) {
        var row = keys.get(transaction, call.organization(), call.parameter("key"));
        checkEditable(call, row, takeOver);
        return row;
    }

    private void checkEditable(Call call, KeysRecord row, boolean takeOver) {
        call.condition().checkPresent(KeyStore.KIND, row.getKeyId(), row.getRevision());
        rules.management.checkEditable(KeyStore.KIND, row.getKeyId(), row.getManagedBy(), takeOver);
    }

    private static Answer answer(int status, KeysRecord row) {
        return Answer.json(status, KeyStore.tree(row)).withRevision(row.getRevision());
    }

    private static KeyFormat.Key parsed(Secret secret) {
        if (KeyFormat.read(secret.reveal()) instanceof KeyFormat.Key key) {
            return key;
        }
        throw new IllegalStateException("a minted key is not of our format");
    }
}
