package dev.tollgate.admin.budget;

import static dev.tollgate.schema.jooq.Tables.KEYS;
import static dev.tollgate.schema.jooq.Tables.PROJECTS;
import static dev.tollgate.schema.jooq.Tables.PROVIDERS;
import static dev.tollgate.schema.jooq.Tables.TEAMS;
import static dev.tollgate.schema.jooq.Tables.USERS;

import dev.tollgate.admin.json.Tree;
import dev.tollgate.budget.BudgetDefinition;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Table;

/// Parts of a budget's scope that name something which does not exist: allowed, since it may come
/// to be later, but until then the budget matches nothing and holds nobody back.
///
/// End users, sessions and tags are whatever callers send, and are never missing.
public final class ScopeWarnings {

    private final DSLContext database;
    private final List<Tree> warnings = new ArrayList<>();

    private ScopeWarnings(DSLContext database) {
        this.database = database;
    }

    /// Each with `field`, `value` and `detail`.
    public static List<Tree> of(
            DSLContext database, String organization, BudgetDefinition definition) {
        var scope = definition.scope();
        var check = new ScopeWarnings(database);
        check.exists(
                "team",
                scope.team(),
                TEAMS,
                TEAMS.ORGANIZATION.eq(organization).and(TEAMS.NAME.eq(scope.team())));
        check.exists(
                "project",
                scope.project(),
                PROJECTS,
                PROJECTS.ORGANIZATION.eq(organization).and(PROJECTS.NAME.eq(scope.project())));
        check.exists(
                "user",
                scope.user(),
                USERS,
                USERS.ORGANIZATION.eq(organization).and(USERS.NAME.eq(scope.user())));
        check.exists(
                "key",
                scope.key(),
                KEYS,
                KEYS.ORGANIZATION
                        .eq(organization)
                        .and(KEYS.KEY_ID.eq(scope.key()).or(KEYS.NAME.eq(scope.key()))));
        check.exists("provider", scope.provider(), PROVIDERS, PROVIDERS.NAME.eq(scope.provider()));
        return check.warnings;
    }

    private void exists(String part, String name, Table<?> table, Condition condition) {
        if (!name.isEmpty() && !database.fetchExists(table, condition)) {
            warnings.add(
                    Tree.object()
                            .with("field", "scope." + part)
                            .with("value", name)
                            .with(
                                    "detail",
                                    "there is no %s of that name; the budget matches nothing until there is one"
                                            .formatted(part)));
        }
    }
}
