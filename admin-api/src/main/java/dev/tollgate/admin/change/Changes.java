package dev.tollgate.admin.change;

import static dev.tollgate.schema.jooq.Tables.AUDIT;
import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;

import dev.tollgate.admin.NodeControl;
import dev.tollgate.admin.json.Json;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminProblem.NotFound;
import dev.tollgate.admin.problem.AdminProblem.NotYetInForce;
import dev.tollgate.admin.problem.AdminRefusal;
import java.time.Duration;
import java.util.List;
import org.jooq.DSLContext;
import org.jooq.JSONB;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes changes to an organization's configuration: each in one transaction with its audit rows
/// and a new configuration version, put in force before it is answered.
///
/// Changes of one organization follow one another, because each locks the organization's row first.
public final class Changes {

    private static final Logger LOG = LoggerFactory.getLogger(Changes.class);
    private static final Duration IN_FORCE_RETRY_AFTER = Duration.ofSeconds(1);

    private final DSLContext database;
    private final NodeControl node;

    public Changes(DSLContext database, NodeControl node) {
        this.database = database;
        this.node = node;
    }

    /// A change, inside its transaction.
    @FunctionalInterface
    public interface Change<T> {
        Outcome<T> in(DSLContext transaction);
    }

    /// @param audit what was done; empty when everything was so already
    public record Outcome<T>(T value, List<AuditEntry> audit) {
        public Outcome {
            audit = List.copyOf(audit);
        }

        public static <T> Outcome<T> unchanged(T value) {
            return new Outcome<>(value, List.of());
        }

        public static <T> Outcome<T> changed(T value, AuditEntry entry) {
            return new Outcome<>(value, List.of(entry));
        }
    }

    private record Committed<T>(T value, long version) {}

    /// Makes a change that is safe to repeat.
    ///
    /// @throws AdminRefusal also when the change is stored but could not be put in force; a repeat
    ///   tries that again, though it finds nothing to change
    public <T> T apply(String organization, Author author, Change<T> change) {
        var committed = commit(organization, author, change);
        try {
            node.configurationChanged(organization, committed.version);
        } catch (RuntimeException e) {
            LOG.error(
                    "Configuration {} of {} is stored, but not in force",
                    committed.version,
                    organization,
                    e);
            throw new AdminRefusal(new NotYetInForce(committed.version, IN_FORCE_RETRY_AFTER));
        }
        return committed.value;
    }

    /// Makes a change whose answer cannot be given again: it is given once the change is stored,
    /// and the nodes learn of it by themselves if need be.
    public <T> T applyOnce(String organization, Author author, Change<T> change) {
        var committed = commit(organization, author, change);
        try {
            node.configurationChanged(organization, committed.version);
        } catch (RuntimeException e) {
            LOG.error(
                    "Configuration {} of {} is stored, but not in force",
                    committed.version,
                    organization,
                    e);
        }
        return committed.value;
    }

    private <T> Committed<T> commit(String organization, Author author, Change<T> change) {
        return database.transactionResult(configuration -> {
            var transaction = configuration.dsl();
            var version = lock(transaction, organization);
            var outcome = change.in(transaction);
            if (outcome.audit.isEmpty()) {
                return new Committed<>(outcome.value, version);
            }
            outcome.audit.forEach(entry -> record(transaction, organization, author, entry));
            return new Committed<>(outcome.value, raise(transaction, organization));
        });
    }

    private static long lock(DSLContext transaction, String organization) {
        var version =
                transaction
                        .select(ORGANIZATIONS.CONFIGURATION_VERSION)
                        .from(ORGANIZATIONS)
                        .where(ORGANIZATIONS.NAME.eq(organization))
                        .forUpdate()
                        .fetchOne(ORGANIZATIONS.CONFIGURATION_VERSION);
        if (version == null) {
            throw new AdminRefusal(new NotFound("organization", organization));
        }
        return version;
    }

    private static long raise(DSLContext transaction, String organization) {
        return transaction
                .update(ORGANIZATIONS)
                .set(
                        ORGANIZATIONS.CONFIGURATION_VERSION,
                        ORGANIZATIONS.CONFIGURATION_VERSION.plus(1))
                .where(ORGANIZATIONS.NAME.eq(organization))
                .returning(ORGANIZATIONS.CONFIGURATION_VERSION)
                .fetchSingle()
                .getConfigurationVersion();
    }

    /// Notes in the audit what was done to something that is no configuration.
    public static void record(
            DSLContext transaction, String organization, Author author, AuditEntry entry) {
        transaction
                .insertInto(AUDIT)
                .set(AUDIT.ORGANIZATION, organization)
                .set(AUDIT.ACTOR, author.actor())
                .set(AUDIT.ACTION, entry.action())
                .set(AUDIT.RESOURCE_TYPE, entry.resourceType())
                .set(AUDIT.RESOURCE_NAME, entry.resourceName())
                .set(AUDIT.REQUEST_ID, author.requestId())
                .set(AUDIT.REMOTE_ADDRESS, author.remoteAddress())
                .set(AUDIT.BEFORE, jsonb(entry.before()))
                .set(AUDIT.AFTER, jsonb(entry.after()))
                .execute();
    }

    private static @Nullable JSONB jsonb(@Nullable Tree tree) {
        return tree == null ? null : JSONB.valueOf(Json.write(tree));
    }
}
