package dev.tollgate.admin.key;

import static dev.tollgate.schema.jooq.Tables.KEYS;
import static dev.tollgate.schema.jooq.Tables.PROJECTS;
import static dev.tollgate.schema.jooq.Tables.TEAMS;
import static dev.tollgate.schema.jooq.Tables.USERS;

import dev.tollgate.admin.change.Manager;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminProblem.NameTaken;
import dev.tollgate.admin.problem.AdminProblem.NotFound;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.schema.jooq.tables.records.KeysRecord;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/// The keys of an organization, in PostgreSQL.
public final class KeyStore {

    public static final String KIND = "key";

    private final Clock clock;
    private final Supplier<UUID> ids;

    public KeyStore(Clock clock, Supplier<UUID> ids) {
        this.clock = clock;
        this.ids = ids;
    }

    /// @param after the id before the first
    List<KeysRecord> list(
            DSLContext database,
            String organization,
            boolean revoked,
            Optional<String> after,
            int limit) {
        Condition notBefore = after.map(KEYS.KEY_ID::gt).orElse(DSL.noCondition());
        return database.selectFrom(KEYS)
                .where(KEYS.ORGANIZATION.eq(organization))
                .and(revoked ? DSL.noCondition() : KEYS.REVOKED_AT.isNull())
                .and(notBefore)
                .orderBy(KEYS.KEY_ID)
                .limit(limit)
                .fetch();
    }

    KeysRecord get(DSLContext database, String organization, String keyId) {
        return find(database, organization, keyId)
                .orElseThrow(() -> new AdminRefusal(new NotFound(KIND, keyId)));
    }

    public Optional<KeysRecord> find(DSLContext database, String organization, String keyId) {
        return database.selectFrom(KEYS)
                .where(KEYS.ORGANIZATION.eq(organization))
                .and(KEYS.KEY_ID.eq(keyId))
                .fetchOptional();
    }

    public boolean nameTaken(DSLContext database, String organization, String name) {
        return database.fetchExists(
                KEYS,
                KEYS.ORGANIZATION
                        .eq(organization)
                        .and(KEYS.NAME.eq(name))
                        .and(KEYS.REVOKED_AT.isNull()));
    }

    /// The keys in force that `manager` keeps.
    public List<KeysRecord> managedBy(DSLContext database, String organization, Manager manager) {
        return database.selectFrom(KEYS)
                .where(KEYS.ORGANIZATION.eq(organization))
                .and(KEYS.MANAGED_BY.eq(manager.label()))
                .and(KEYS.REVOKED_AT.isNull())
                .orderBy(KEYS.KEY_ID)
                .fetch();
    }

    /// Makes a key, and the team, project and user it names.
    ///
    /// @throws AdminRefusal when another key has the name
    public KeysRecord insert(
            DSLContext transaction,
            String organization,
            String keyId,
            byte[] secretHmac,
            KeyDraft draft,
            Manager manager) {
        checkName(transaction, organization, draft.name());
        createMissing(transaction, organization, draft);
        var now = Timestamps.stored(clock.instant());
        var row = transaction.newRecord(KEYS);
        row.setId(ids.get());
        row.setOrganization(organization);
        row.setKeyId(keyId);
        row.setSecretHmac(secretHmac);
        row.setManagedBy(manager.label());
        row.setRevision(1L);
        row.setCreatedAt(now);
        row.setUpdatedAt(now);
        apply(row, draft);
        row.insert();
        row.refresh();
        return row;
    }

    /// Stores what was set in `row` as its next revision.
    public void update(KeysRecord row) {
        row.setRevision(row.getRevision() + 1);
        row.setUpdatedAt(Timestamps.stored(clock.instant()));
        row.update();
    }

    public void revoke(KeysRecord row) {
        row.setRevokedAt(Timestamps.stored(clock.instant()));
        update(row);
    }

    public static void apply(KeysRecord row, KeyDraft draft) {
        row.setName(draft.name());
        row.setUserName(draft.user().orElse(null));
        row.setTeam(draft.team().orElse(null));
        row.setProject(draft.project().orElse(null));
        row.setModels(draft.models().toArray(String[]::new));
        row.setExpiresAt(draft.expiresAt().map(Timestamps::stored).orElse(null));
    }

    void checkName(DSLContext transaction, String organization, String name) {
        if (nameTaken(transaction, organization, name)) {
            throw new AdminRefusal(new NameTaken(KIND, name));
        }
    }

    /// As the API and the audit show a key.
    public static Tree tree(KeysRecord row) {
        return Tree.object()
                .with("id", row.getKeyId())
                .with("name", row.getName())
                .with("organization", row.getOrganization())
                .with("user", row.getUserName())
                .with("team", row.getTeam())
                .with("project", row.getProject())
                .with("models", Arrays.asList(row.getModels()))
                .with("expires_at", Timestamps.text(row.getExpiresAt()))
                .with("revoked_at", Timestamps.text(row.getRevokedAt()))
                .with("last_used_at", Timestamps.text(row.getLastUsedAt()))
                .with("managed_by", row.getManagedBy())
                .with("revision", row.getRevision())
                .with("created_at", Timestamps.text(row.getCreatedAt()))
                .with("updated_at", Timestamps.text(row.getUpdatedAt()));
    }

    private static void createMissing(DSLContext transaction, String organization, KeyDraft draft) {
        draft.team()
                .ifPresent(team ->
                        transaction
                                .insertInto(TEAMS, TEAMS.ORGANIZATION, TEAMS.NAME)
                                .values(organization, team)
                                .onConflictDoNothing()
                                .execute());
        draft.project()
                .ifPresent(project ->
                        transaction
                                .insertInto(
                                        PROJECTS,
                                        PROJECTS.ORGANIZATION,
                                        PROJECTS.NAME,
                                        PROJECTS.TEAM)
                                .values(organization, project, draft.team().orElse(null))
                                .onConflictDoNothing()
                                .execute());
        draft.user()
                .ifPresent(user ->
                        transaction
                                .insertInto(USERS, USERS.ORGANIZATION, USERS.NAME, USERS.TEAM)
                                .values(organization, user, draft.team().orElse(null))
                                .onConflictDoNothing()
                                .execute());
    }
}
