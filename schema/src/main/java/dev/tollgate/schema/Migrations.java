package dev.tollgate.schema;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;

/// Brings a database to this program's schema, or says why it cannot.
///
/// Several nodes may start at once: one migrates, the others wait for it. Each migration is one
/// transaction, so a failed one leaves nothing behind.
final class Migrations {

    /// The oldest PostgreSQL whose SQL the migrations keep to.
    private static final int SERVER_VERSION_MIN = 14;

    private static final int PARTITION_MONTHS_AHEAD = 2;

    /// No limit on the time of a statement: a migration may well run long.
    private static final Map<String, String> CONNECTION =
            Map.of("connectTimeout", "5", "ApplicationName", "tollgate-migrations");

    private Migrations() {}

    static void run(DatabaseUrl url, String location) {
        requireServerVersion(url);
        try {
            var flyway =
                    Flyway.configure(Migrations.class.getClassLoader())
                            .dataSource(url.jdbc(), url.user(), url.password())
                            .jdbcProperties(CONNECTION)
                            .locations(location)
                            .load();
            refuseNewerSchema(flyway);
            flyway.migrate();
        } catch (FlywayException e) {
            throw new DatabaseStartException(
                    "migration failed, nothing is started: " + e.getMessage(), e);
        }
        createPartitions(url);
    }

    private static void requireServerVersion(DatabaseUrl url) {
        try (var connection = connect(url)) {
            var version = connection.getMetaData().getDatabaseMajorVersion();
            if (version < SERVER_VERSION_MIN) {
                throw new DatabaseStartException(
                        "PostgreSQL: version "
                                + version
                                + " (expected: >= "
                                + SERVER_VERSION_MIN
                                + ")");
            }
        } catch (SQLException e) {
            throw new DatabaseStartException("PostgreSQL cannot be reached: " + e.getMessage(), e);
        }
    }

    private static void refuseNewerSchema(Flyway flyway) {
        var all = flyway.info().all();
        var newest =
                Arrays.stream(all)
                        .filter(migration -> migration.getState().isResolved())
                        .map(MigrationInfo::getVersion)
                        .max(Comparator.naturalOrder());
        Arrays.stream(all)
                .filter(migration ->
                        migration.getState().isApplied() && !migration.getState().isResolved())
                .findFirst()
                .ifPresent(migration -> {
                    throw new DatabaseStartException(
                            "schema: version %s (expected: at most %s; a newer Tollgate has used this database)"
                                    .formatted(
                                            migration.getVersion(),
                                            newest.map(Object::toString).orElse("none")));
                });
    }

    /// A node that starts after a rest finds the months of now and next ready; it repeats this
    /// while it runs.
    private static void createPartitions(DatabaseUrl url) {
        try (var connection = connect(url);
                var statement = connection.prepareStatement("select create_ledger_partitions(?)")) {
            statement.setInt(1, PARTITION_MONTHS_AHEAD);
            statement.execute();
        } catch (SQLException e) {
            throw new DatabaseStartException(
                    "ledger partitions cannot be made: " + e.getMessage(), e);
        }
    }

    private static Connection connect(DatabaseUrl url) throws SQLException {
        var properties = new Properties();
        properties.putAll(CONNECTION);
        Optional.ofNullable(url.user()).ifPresent(user -> properties.setProperty("user", user));
        Optional.ofNullable(url.password())
                .ifPresent(password -> properties.setProperty("password", password));
        return DriverManager.getConnection(url.jdbc(), properties);
    }
}
