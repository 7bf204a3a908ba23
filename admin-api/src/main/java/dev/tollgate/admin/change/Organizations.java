package dev.tollgate.admin.change;

import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;

import dev.tollgate.admin.problem.AdminProblem.NotFound;
import dev.tollgate.admin.problem.AdminRefusal;
import org.jooq.DSLContext;

/// The organizations there are.
public final class Organizations {

    private Organizations() {}

    /// @throws AdminRefusal when there is no such organization
    public static void checkExists(DSLContext database, String organization) {
        if (!database.fetchExists(ORGANIZATIONS, ORGANIZATIONS.NAME.eq(organization))) {
            throw new AdminRefusal(new NotFound("organization", organization));
        }
    }
}
