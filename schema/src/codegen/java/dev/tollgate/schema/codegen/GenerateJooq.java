package dev.tollgate.schema.codegen;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Generator;
import org.jooq.meta.jaxb.Target;

/// Generates the jOOQ classes from the migrations, on a throw-away PostgreSQL.
///
/// Run by the build as a source file: `GenerateJooq.java <migrations> <output directory>`. Leaves
/// `generated.stamp` in the output directory as its last act, by which the build knows that the
/// classes are current.
public final class GenerateJooq {

    private GenerateJooq() {}

    public static void main(String[] arguments) throws Exception {
        System.setProperty("org.jooq.no-logo", "true");
        System.setProperty("org.jooq.no-tips", "true");
        var output = Path.of(arguments[1]);
        try (var postgres = EmbeddedPostgres.builder().start()) {
            migrate(postgres.getPostgresDatabase(), arguments[0]);
            generate(postgres.getPostgresDatabase(), output);
        }
        Files.writeString(output.resolve("generated.stamp"), "");
    }

    private static void migrate(DataSource dataSource, String migrations) {
        Flyway.configure()
                .dataSource(dataSource)
                .locations("filesystem:" + migrations)
                .load()
                .migrate();
    }

    private static void generate(DataSource dataSource, Path output) throws Exception {
        var tool = new GenerationTool();
        tool.setDataSource(dataSource);
        tool.run(
                new Configuration()
                        .withGenerator(
                                new Generator()
                                        .withDatabase(tables())
                                        .withGenerate(
                                                new Generate()
                                                        .withJavaTimeTypes(true)
                                                        .withRecords(true)
                                                        .withDaos(false)
                                                        .withPojos(false)
                                                        .withDeprecated(false))
                                        .withTarget(
                                                new Target()
                                                        .withPackageName("dev.tollgate.schema.jooq")
                                                        .withDirectory(output.toString()))));
    }

    /// Partitions are PostgreSQL's business, Flyway's history is Flyway's, and helper functions are
    /// the migrations' own.
    private static Database tables() {
        return new Database()
                .withName("org.jooq.meta.postgres.PostgresDatabase")
                .withInputSchema("public")
                .withOutputSchemaToDefault(true)
                .withExcludes(
                        "ledger_\\d+_\\d+|ledger_default|create_ledger_partition|flyway_schema_history|refuse_.*"
                            + "|lock_book|rename_subject");
    }
}
